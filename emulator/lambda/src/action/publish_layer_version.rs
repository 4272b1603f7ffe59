//! PublishLayerVersion: a package becomes the next version of a layer, which is made if it is not there.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::Deserialize;

use super::layers::{self, View, named};
use super::shape;
use super::source::{Code, Source};
use crate::function::Policy;
use crate::layer::LayerVersion;
use crate::{Error, Lambda};

pub(crate) struct PublishLayerVersion;

const CONTENT: Structure = Structure::new(
    "LayerVersionContentInput",
    &[shape::S3_BUCKET, shape::S3_KEY, shape::S3_OBJECT_VERSION, shape::S3_OBJECT_STORAGE_MODE, shape::ZIP_FILE],
);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    layer_name: String,
    #[serde(default)]
    description: String,
    content: Source,
    #[serde(default)]
    compatible_architectures: Vec<String>,
    #[serde(default)]
    compatible_runtimes: Vec<String>,
    license_info: Option<String>,
}

impl Action<Lambda> for PublishLayerVersion {
    const NAME: &'static str = "PublishLayerVersion";
    const INPUT: Structure = Structure::new(
        "PublishLayerVersionRequest",
        &[
            layers::LAYER_NAME.member("LayerName").required(),
            shape::DESCRIPTION_MEMBER,
            Shape::structure(&CONTENT).member("Content").required(),
            Shape::list(&layers::ARCHITECTURE).length(0, 2).member("CompatibleArchitectures"),
            Shape::list(&layers::RUNTIME).length(0, 15).member("CompatibleRuntimes"),
            Shape::string().length(0, 512).member("LicenseInfo"),
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = named(call, &input.layer_name)?;
        let code = input.content.fetch(service, &call.world, Self::NAME).await?;
        if matches!(code, Code::Folder(_)) {
            return Err(Error::Unsupported("layers that are folders"));
        }
        let layer = arn.clone();
        let number = service
            .blocking(move |runner| {
                let (code, _held) = code.store(runner)?;
                let version = LayerVersion {
                    description: input.description,
                    license: input.license_info,
                    runtimes: input.compatible_runtimes,
                    architectures: input.compatible_architectures,
                    created: runner.env.clock.now(),
                    code,
                    policy: Policy::default(),
                };
                runner.layers.publish(&layer, version)
            })
            .await?;
        View::of(service, &arn.with_version(number))
    }
}

impl Rest for PublishLayerVersion {
    const HTTP: Http = Http::post("/2018-10-31/layers/{LayerName}/versions").status(201);
}

#[cfg(test)]
pub(super) mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    use crate::fixture::{Bench, Entry, Reply, zip};

    /// A version of the layer `l` with one Python module, `shared`.
    pub(crate) async fn publish(bench: &Bench, name: &str, source: &str) -> Reply {
        let content = json!({"ZipFile": STANDARD.encode(zip(&[Entry::file("python/shared.py", source)]))});
        let input =
            json!({"Description": "d", "Content": content, "CompatibleRuntimes": ["python3.12"], "LicenseInfo": "MIT"});
        bench.call("POST", &format!("/2018-10-31/layers/{name}/versions"), input).await
    }

    #[tokio::test]
    async fn versions_are_counted_and_shown() {
        let bench = Bench::new();
        let first = publish(&bench, "l", "x = 1").await;
        assert_eq!((first.status, &first.body["Version"]), (201, &json!(1)));
        let arn = "arn:aws:lambda:us-east-1:000000000000:layer:l";
        assert_eq!(
            (&first.body["LayerArn"], &first.body["LayerVersionArn"]),
            (&json!(arn), &json!(format!("{arn}:1")))
        );
        assert_eq!(first.body["CreatedDate"], "2027-01-15T08:00:00.000+0000");
        let location = first.body["Content"]["Location"].as_str().unwrap();
        assert!(bench.lambda.package(location.rsplit('/').next().unwrap()).is_some());
        assert_eq!(publish(&bench, "l", "x = 2").await.body["Version"], 2);
    }

    #[tokio::test]
    async fn a_function_imports_what_its_layers_bring() {
        let bench = Bench::new();
        let arns: Vec<_> = [publish(&bench, "l", "x = 1").await, publish(&bench, "m", "x = 2").await]
            .iter()
            .map(|published| published.body["LayerVersionArn"].clone())
            .collect();
        bench.python("import shared\ndef handler(e, c): return shared.x", json!({"Layers": [arns[0]]})).await;
        assert_eq!(bench.invoke(json!({})).await.body, 1);
        let path = "/2015-03-31/functions/f/configuration";
        let both = bench.call("PUT", path, json!({"Layers": arns})).await.body;
        assert_eq!(both["Layers"][1]["Arn"], arns[1]);
        assert_eq!(bench.invoke(json!({})).await.body, 2, "the later layer lies over the earlier");
        bench.call("DELETE", "/2018-10-31/layers/m/versions/1", Value::Null).await;
        let bench = bench.restarted();
        assert_eq!(bench.invoke(json!({})).await.body, 2, "a function keeps a layer that was deleted");
        let none = bench.call("PUT", path, json!({"Layers": []})).await.body;
        assert_eq!(none.get("Layers"), None);
    }

    #[tokio::test]
    async fn layers_that_cannot_be_are_refused() {
        let bench = Bench::new();
        let arn = publish(&bench, "l", "").await.body["LayerVersionArn"].as_str().unwrap().to_owned();
        publish(&bench, "l", "").await;
        bench.python("", json!({})).await;
        let check = async |layers: Vec<String>, message: String| {
            let reply = bench.call("PUT", "/2015-03-31/functions/f/configuration", json!({"Layers": layers})).await;
            reply.expect_error(400, "InvalidParameterValueException", &message);
        };
        let missing = arn.replace(":1", ":9");
        check(vec![missing.clone()], format!("Layer version {missing} does not exist.")).await;
        let second = arn.replace(":1", ":2");
        let twice = format!("Two different versions of the same layer are not allowed to be referenced: {second}");
        check(vec![arn.clone(), second], twice).await;
        check(vec![arn; 6], "A function can have 5 layers at most.".to_owned()).await;
        let link = STANDARD.encode(zip(&[Entry::link("python", "/etc")]));
        let refused = bench.call("POST", "/2018-10-31/layers/l/versions", json!({"Content": {"ZipFile": link}})).await;
        let message = "Could not unzip uploaded file. Please check your file, then try to upload again.";
        refused.expect_error(400, "InvalidParameterValueException", message);
    }
}
