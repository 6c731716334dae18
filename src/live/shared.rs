//! Answers that are kept, so that what many sites ask is asked once: a vendor's includes, the servers of `com`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Answer, Question, Resolve};

/// Most answers that are kept; beyond it all are forgotten, so that the memory of a run over thousands of sites is bounded.
const KEPT_MAX: usize = 4096;

/// One who answers, and remembers.
#[derive(Debug)]
pub struct Shared<R> {
    inner: R,
    kept: Mutex<HashMap<Question, Answer>>,
    /// That nobody answered is kept too.
    keeps_silence: bool,
}

impl<R: Resolve> Shared<R> {
    /// Asks this one.
    #[must_use]
    pub fn new(inner: R) -> Self {
        Self { inner, kept: Mutex::default(), keeps_silence: false }
    }

    /// Asks this one, and nothing again that nobody answered: for a look that is over in a moment.
    #[must_use]
    pub fn once(inner: R) -> Self {
        Self { keeps_silence: true, ..Self::new(inner) }
    }

    fn known(&self, question: &Question) -> Option<Answer> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(question).cloned()
    }

    /// Keeps what was said of a name. That nobody answered may be otherwise a moment later.
    fn keep(&self, answer: &Answer) {
        if self.keeps_silence || answer.outcome.speaks_of_the_name() {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= KEPT_MAX {
                kept.clear();
            }
            kept.insert(answer.question.clone(), answer.clone());
        }
    }
}

impl<R: Resolve> Resolve for Shared<R> {
    fn ask(&self, question: &Question) -> Answer {
        self.known(question).unwrap_or_else(|| {
            let answer = self.inner.ask(question);
            self.keep(&answer);
            answer
        })
    }

    fn ask_all(&self, questions: &[Question]) -> Vec<Answer> {
        let known: Vec<Option<Answer>> = questions.iter().map(|question| self.known(question)).collect();
        let open = questions.iter().zip(&known).filter(|(_, answer)| answer.is_none());
        let open: Vec<Question> = open.map(|(question, _)| question.clone()).collect();
        let mut asked = self.inner.ask_all(&open).into_iter().inspect(|answer| self.keep(answer));
        known.into_iter().filter_map(|answer| answer.or_else(|| asked.next())).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::{Outcome, Source};
    use super::*;
    use crate::zone::{Name, Rtype};

    /// Says that the name does not exist, or nothing of names below `silent`, and counts.
    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl Resolve for Counting {
        fn ask(&self, question: &Question) -> Answer {
            self.0.fetch_add(1, Ordering::Relaxed);
            let silent = Name::parse_absolute("silent").unwrap();
            let outcome = if question.name.is_subdomain_of(&silent) { Outcome::ServFail } else { Outcome::NxDomain };
            Answer::new(question, outcome, Source::Fixture)
        }
    }

    fn question(name: &str) -> Question {
        Question { name: Name::parse_absolute(name).unwrap(), rtype: Rtype::TXT }
    }

    #[test]
    fn what_was_answered_is_asked_once_and_keeps_its_place() {
        let shared = Shared::new(Counting::default());
        let names = ["a.example", "b.example", "a.silent", "c.example"].map(question);
        let first = shared.ask_all(&names);
        shared.ask(&names[1]);
        let again = shared.ask_all(&names);
        let asked = |answers: &[Answer]| answers.iter().map(|a| a.question.clone()).collect::<Vec<_>>();
        assert_eq!((asked(&first), asked(&again)), (names.to_vec(), names.to_vec()));
        assert_eq!(shared.inner.0.load(Ordering::Relaxed), 5, "what nobody answered is asked again");
        let once = Shared::once(Counting::default());
        once.ask_all(&names);
        once.ask_all(&names);
        assert_eq!(once.inner.0.load(Ordering::Relaxed), 4, "nothing is asked again");
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let shared = Shared::new(Counting::default());
        for number in 0..2 * KEPT_MAX {
            shared.ask(&question(&format!("n{number}.example")));
        }
        assert!(shared.kept.lock().unwrap().len() <= KEPT_MAX);
    }
}
