//! The expressions of templates: minijinja in strict mode, with the documented filters and nothing else, bounded by fuel.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, Template, UndefinedBehavior};

/// Steps that one expression may take; the longest of the catalogue takes under 50.
const FUEL: u64 = 2_000;

/// Expressions that are kept compiled; the whole catalogue has fewer. Beyond that all are let go, so that memory stays bounded.
const KEPT: usize = 4_096;

/// Evaluates expressions; each is compiled once.
#[derive(Debug)]
pub struct Engine {
    compiled: RwLock<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    environment: Environment<'static>,
    /// Expression → the variables it uses.
    variables: HashMap<String, Vec<String>>,
}

/// Dots to dashes: `example.com` → `example-com`.
fn dashed(text: &str) -> String {
    text.replace('.', "-")
}

/// The n-th label from the left, from 0.
fn label(text: &str, n: usize) -> Result<String, Error> {
    text.split('.')
        .nth(n)
        .map(str::to_owned)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no label {n}")))
}

/// The value, or another one if it is not given.
fn default(value: Value, other: &str) -> Value {
    if value.is_undefined() { Value::from(other) } else { value }
}

impl Default for Engine {
    fn default() -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.add_filter("dashed", dashed);
        environment.add_filter("label", label);
        environment.add_filter("lower", |text: &str| text.to_lowercase());
        environment.add_filter("upper", |text: &str| text.to_uppercase());
        environment.add_filter("default", default);
        Self { compiled: RwLock::new(Compiled { environment, variables: HashMap::new() }) }
    }
}

/// Whether a text has anything to evaluate.
fn is_plain(expression: &str) -> bool {
    !expression.contains("{{") && !expression.contains("{%") && !expression.contains("{#")
}

impl Engine {
    /// Runs `with` on the compiled expression and the names of its variables.
    fn with<R>(
        &self,
        expression: &str,
        with: impl FnOnce(&Template<'_, '_>, &[String]) -> Result<R, Error>,
    ) -> Result<R, String> {
        {
            let kept = self.compiled.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(names) = kept.variables.get(expression) {
                let template = kept.environment.get_template(expression).map_err(|e| e.to_string())?;
                return with(&template, names).map_err(|e| e.to_string());
            }
        }
        let mut kept = self.compiled.write().unwrap_or_else(PoisonError::into_inner);
        if kept.variables.len() >= KEPT {
            kept.environment.clear_templates();
            kept.variables.clear();
        }
        kept.environment.add_template_owned(expression.to_owned(), expression.to_owned()).map_err(|e| e.to_string())?;
        let template = kept.environment.get_template(expression).map_err(|e| e.to_string())?;
        let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        names.sort();
        let result = with(&template, &names).map_err(|e| e.to_string());
        kept.variables.insert(expression.to_owned(), names);
        result
    }

    /// The variables that an expression uses, without a `default`.
    ///
    /// # Errors
    /// A syntax error, in the library's words.
    pub fn variables(&self, expression: &str) -> Result<Vec<String>, String> {
        if is_plain(expression) {
            return Ok(Vec::new());
        }
        self.with(expression, |_, names| Ok(names.to_vec()))
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// A missing variable, an unknown filter, a syntax error: in the library's words.
    pub fn evaluate(&self, expression: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
        if is_plain(expression) {
            return Ok(expression.to_owned());
        }
        self.with(expression, |template, names| {
            // Only what is asked for is handed over: a template may have thousands of variables and as many expressions.
            let used: BTreeMap<&str, &str> =
                names.iter().filter_map(|n| values.get(n).map(|value| (n.as_str(), value.as_str()))).collect();
            template.render(Value::from(minijinja::value::Serde(used)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> BTreeMap<String, String> {
        [("domain", "shop.example.com"), ("server", "14166"), ("evil", "{{ domain }}")]
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect()
    }

    #[test]
    fn documented_filters_work() {
        let e = Engine::default();
        assert_eq!(
            e.evaluate("b1.{{ domain | dashed }}.dkim.example.net", &values()).unwrap(),
            "b1.shop-example-com.dkim.example.net"
        );
        assert_eq!(e.evaluate("{{ domain | label(1) }}", &values()).unwrap(), "example");
        assert_eq!(e.evaluate("{{ nothing | default('send') }}", &values()).unwrap(), "send");
        assert_eq!(e.evaluate("+a:sv{{ server }}.xserver.jp", &values()).unwrap(), "+a:sv14166.xserver.jp");
    }

    #[test]
    fn spf_macros_are_plain_text() {
        let e = Engine::default();
        let text = "include:%{ir}.%{v}.%{d}.spf.example.net";
        assert_eq!(e.evaluate(text, &values()).unwrap(), text);
        assert_eq!(e.evaluate("exists:%{i}.{{ domain }}", &values()).unwrap(), "exists:%{i}.shop.example.com");
    }

    #[test]
    fn nothing_else_is_there_and_values_are_not_evaluated() {
        let e = Engine::default();
        assert!(e.evaluate("{{ missing }}", &values()).is_err());
        assert!(e.evaluate("{{ domain | replace('a','b') }}", &values()).is_err());
        assert!(e.evaluate("{{ range(1000000) }}", &values()).is_err());
        assert!(e.evaluate("{{ domain", &values()).is_err());
        assert_eq!(e.evaluate("{{ evil }}", &values()).unwrap(), "{{ domain }}");
        assert_eq!(e.variables("{{ a }}.{{ b | dashed }}").unwrap(), ["a", "b"]);
    }
}
