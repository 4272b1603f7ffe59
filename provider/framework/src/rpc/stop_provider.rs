//! StopProvider: the user wants to stop. Running operations are told and the answer does not wait for them.

use tfplugin::tfplugin6::stop_provider::{Request, Response};

use super::Service;
use crate::provider::Provider;

pub(super) async fn answer<P: Provider>(service: &Service<P>, _: Request) -> Response {
    tracing::debug!("stop requested");
    service.stop();
    Response::default()
}
