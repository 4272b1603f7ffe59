//! GetAccountSettings: what an account may have in a region, and what it has.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::{Deserialize, Serialize};

use crate::code::{MAX_UNZIPPED_BYTES, MAX_ZIPPED_BYTES};
use crate::function::ACCOUNT_CONCURRENCY;
use crate::{Error, Lambda};

pub(crate) struct GetAccountSettings;

/// 75 GB of packages.
const TOTAL_CODE_BYTES: u64 = 80_530_636_800;

#[derive(Deserialize)]
pub(crate) struct Input {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    account_limit: Limit,
    account_usage: Usage,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Limit {
    total_code_size: u64,
    code_size_unzipped: u64,
    code_size_zipped: usize,
    concurrent_executions: u32,
    unreserved_concurrent_executions: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Usage {
    total_code_size: u64,
    function_count: usize,
}

impl Action<Lambda> for GetAccountSettings {
    const NAME: &'static str = "GetAccountSettings";
    const INPUT: Structure = Structure::new("GetAccountSettingsRequest", &[]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, Input {}: Input) -> Result<Output, Error> {
        let functions = service.runner().catalog.list(&call.world);
        let reserved: u32 = functions.iter().filter_map(|function| function.reserved_concurrency).sum();
        let versions = functions.iter().flat_map(|function| function.versions());
        Ok(Output {
            account_limit: Limit {
                total_code_size: TOTAL_CODE_BYTES,
                code_size_unzipped: MAX_UNZIPPED_BYTES,
                code_size_zipped: MAX_ZIPPED_BYTES,
                concurrent_executions: ACCOUNT_CONCURRENCY,
                unreserved_concurrent_executions: ACCOUNT_CONCURRENCY.saturating_sub(reserved),
            },
            account_usage: Usage {
                total_code_size: versions.map(|(_, version)| version.code.size).sum(),
                function_count: functions.len(),
            },
        })
    }
}

impl Rest for GetAccountSettings {
    const HTTP: Http = Http::get("/2016-08-19/account-settings");
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn counts_functions_and_what_is_reserved() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        bench.call("PUT", "/2017-10-31/functions/f/concurrency", json!({"ReservedConcurrentExecutions": 7})).await;
        let settings = bench.call("GET", "/2016-08-19/account-settings", Value::Null).await.body;
        assert_eq!(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 993);
        assert_eq!(settings["AccountUsage"]["FunctionCount"], 1);
        assert!(settings["AccountUsage"]["TotalCodeSize"].as_u64().unwrap() > 0);
    }
}
