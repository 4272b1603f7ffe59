//! Whole pages, as they are written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::*;
use crate::flags::{computed, list_block, optional, optional_computed, required, timeouts};
use crate::schema::derive;
use crate::{Attr, Blocks, Check, Identity, Timeouts};

/// A mill.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Mill {
    /// Assigned.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// What it is
    /// called.
    #[schemars(extend("tf" = required().force_new().length(1..=9)))]
    name: Attr<String>,
    /// What turns it.
    #[schemars(extend("tf" = optional().default("water").one_of(&["water", "wind"])))]
    power: Attr<String>,
    /// Passages.
    #[schemars(extend("tf" = optional().sensitive().each(Check::length(..=3)).conflicts_with(&["power"])))]
    gates: Attr<BTreeMap<String, String>>,
    #[schemars(extend("tf" = computed()))]
    turns: Attr<i64>,
    /// The wheels.
    #[schemars(extend("tf" = list_block().min_items(1).max_items(3)))]
    wheel: Blocks<Wheel>,
    #[schemars(extend("tf" = timeouts(&["create"])))]
    timeouts: Timeouts,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Wheel {
    /// In metres.
    #[schemars(extend("tf" = optional().range(1..).deprecated("measure it")))]
    width: Attr<i64>,
    /// Its blades.
    #[schemars(extend("tf" = list_block()))]
    blade: Blocks<Blade>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Blade {
    #[schemars(extend("tf" = computed()))]
    worn: Attr<bool>,
}

const PAGE: &str = r#"# mill

A mill.

## Example

```terraform
resource "mill" "example" {}
```

## Arguments

- `name` (string, required, forces replacement): What it is called. 1 to 9 characters.
- `gates` (map of string, optional, sensitive): Passages. Each: at most 3 characters. Not together with `power`.
- `power` (string, optional): What turns it. Default: `"water"`. One of `water`, `wind`.
- `wheel` (list of blocks, required): The wheels. 1 to 3. See [below](#wheel).

### `wheel`

- `width` (number, optional, deprecated): In metres. At least 1. Deprecated: Measure it.
- `blade` (list of blocks, optional): Its blades. See [below](#wheelblade).

### `wheel.blade`

- `worn` (bool, computed)

## Attributes

Beside the arguments:

- `id` (string): Assigned.
- `turns` (number)

## Timeouts

The block `timeouts` says how long to wait for an operation, as in `90s`, `5m` or `1h30m`.

- `create`

## Import

By `{name}`, with the attributes in braces put in. Or by a map.

```console
terraform import mill.example NAME
```

Terraform 1.12 and newer can also import it by its identity: `name`, and `river` if they are not the provider's own.

```terraform
import {
  to = mill.example
  identity = {
    name = "NAME"
  }
}
```

## Differs

- It is small.
"#;

#[test]
fn a_page_says_all_that_the_schema_does() {
    let differences = ["It is small.".to_owned()];
    let about = About {
        example: "resource \"mill\" \"example\" {}\n",
        read_only: &["id"],
        import: "Or by a map.",
        differences: ("Differs", &differences),
    };
    let import = Import { id: "{name}", identity: Some(Identity::new(&["name"]).or_own(&["river"])) };
    let page = resource("mill", &derive::<Mill>(0).unwrap(), &import, &about);
    assert_eq!(page, PAGE);
}

/// Grinds.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its shape is looked at")]
struct Grind {
    /// What.
    grain: Vec<String>,
    fineness: Option<i64>,
}

#[test]
fn a_function_has_a_signature() {
    let page = function("mill", "grind", &Signature::derive::<Grind, String>().unwrap(), &About::default());
    let expected = "# grind\n\nGrinds.\n\n## Signature\n\n```text\nprovider::mill::grind(grain: list of string, \
                    fineness: number) → string\n```\n\n## Arguments\n\n- `grain` (list of string): What.\n- `fineness` (number, may be null)\n";
    assert_eq!(page, expected);
}
