//! What both formats for Terraform have in common: a file a zone, with the variable of its id, and the labels of resources.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::fit::FittedZone;
use crate::fit::carry::{self, Carrier, Load};
use crate::zone::Name;

use super::export::{Notes, bare};
use super::{Input, Product};

/// One provider.
pub(super) struct Provider {
    /// Ending of its files.
    pub ending: &'static str,
    /// Its name and version, for the first line.
    pub title: &'static str,
    /// What it carries.
    pub carrier: &'static Carrier,
    /// Writes the resources of a set in the zone whose id is in the variable of that label.
    pub resources: fn(&mut String, &Load<'_>, &str, &mut Labels),
}

impl Provider {
    /// The files of a site.
    pub(super) fn write(&self, input: &Input<'_>) -> Vec<Product> {
        let mut labels = Labels::default();
        let file =
            |zone| Product { name: input.file_name(zone, self.ending), text: self.zone(input, zone, &mut labels) };
        input.fitted.zones().map(file).collect()
    }

    fn zone(&self, input: &Input<'_>, zone: &FittedZone<'_>, labels: &mut Labels) -> String {
        let notes = Notes { input, mark: "# " };
        let mut out = String::new();
        notes.head(&mut out, zone, self.title);
        let id = zone_id(input, zone, labels);
        let _ = writeln!(out, "variable {} {{\n  type = string\n}}", hcl(&id));
        for load in carry::loads(input.fitted, zone, Some(self.carrier)) {
            out.push('\n');
            notes.load(&mut out, &load);
            (self.resources)(&mut out, &load, &id, labels);
        }
        notes.tail(&mut out, zone);
        out
    }
}

/// A text as an HCL string. Only printable ASCII comes here. A `{` that would begin a template is written by its number.
pub(super) fn hcl(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '{' if matches!(before, '$' | '%') => out.push_str("\\u007b"),
            _ => out.push(c),
        }
        before = c;
    }
    out.push('"');
    out
}

/// Names for resources of Terraform: letters, digits, `_` and `-`, each once, the same for the same record whatever stands around it.
#[derive(Default)]
pub(super) struct Labels {
    /// Labels that are taken, and how many were made of each.
    taken: BTreeMap<String, usize>,
}

impl Labels {
    /// The label of what `kind` says at `name`; `nth` where a set has several resources, the first being 0.
    pub(super) fn label(&mut self, kind: &str, name: &Name, nth: usize) -> String {
        let mut first = format!("{}_", kind.to_lowercase());
        for c in bare(name).chars() {
            match c {
                '*' => first.push_str("wildcard"),
                c if c.is_ascii_alphanumeric() || c == '-' => first.push(c),
                _ => first.push('_'),
            }
        }
        if nth > 0 {
            let _ = write!(first, "_{}", nth + 1);
        }
        // `a.b` and `a_b` are written alike.
        let mut count = self.taken.get(&first).copied().unwrap_or(0);
        let mut label = first.clone();
        while self.taken.contains_key(&label) {
            count += 1;
            label = format!("{first}__{count}");
        }
        self.taken.insert(first, count);
        self.taken.entry(label.clone()).or_insert(0);
        label
    }
}

/// The label of the variable that holds a zone's id. That of the keyzone's part is the site's: parts of many sites may lie in one folder.
fn zone_id(input: &Input<'_>, zone: &FittedZone<'_>, labels: &mut Labels) -> String {
    if input.fitted.is_keyzone(zone) {
        labels.label("zone_id_keyzone_of", &input.site.domain.value, 0)
    } else {
        labels.label("zone_id", &zone.composed.origin, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hcl_strings_hold_no_templates() {
        assert_eq!(hcl(r#"a"b\c"#), r#""a\"b\\c""#);
        assert_eq!(hcl("${x} %{y} $${z} {w}"), r#""$\u007bx} %\u007by} $$\u007bz} {w}""#);
    }

    #[test]
    fn labels_are_different() {
        let name = |text: &str| Name::parse_absolute(text).unwrap();
        let mut labels = Labels::default();
        assert_eq!(labels.label("TXT", &name("*.a.example"), 0), "txt_wildcard_a_example");
        assert_eq!(labels.label("MX", &name("a.b.example"), 1), "mx_a_b_example_2");
        assert_eq!(labels.label("MX", &name("a_b.example"), 1), "mx_a_b_example_2__1");
    }
}
