//! Pins out: sorted, one value a line, so that a change is a small difference in a version control.

use std::fmt::Write as _;

use super::{Pins, VERSION};

/// The text of the file.
#[must_use]
pub fn write(pins: &Pins) -> String {
    let quoted = |text: String| toml_edit::Value::from(text).to_string();
    let mut out = String::from(
        "# What DNS said. Written by zoneplan, which builds from it in place of asking; not to be edited by hand.\n",
    );
    let domain = quoted(pins.domain().display_without_dot().to_string());
    let _ = writeln!(out, "version = {VERSION}\ndomain = {domain}");
    for (name, rtype, pin) in pins.iter() {
        let uses: Vec<String> = pin.uses.iter().map(|of| quoted(of.to_string())).collect();
        let (name, uses) = (quoted(name.display_without_dot().to_string()), uses.join(", "));
        let _ = writeln!(out, "\n[[pin]]\nname = {name}\ntype = \"{rtype}\"\nfor = [{uses}]");
        let _ = writeln!(out, "seen = \"{}\"", pin.seen);
        if pin.values.is_empty() {
            out.push_str("none = true\n");
            continue;
        }
        let _ = writeln!(out, "ttl = {}\nvalues = [", pin.ttl.unwrap_or_default());
        for value in &pin.values {
            let _ = writeln!(out, "  {},", quoted(value.present(rtype)));
        }
        out.push_str("]\n");
    }
    out
}
