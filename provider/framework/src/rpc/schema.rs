//! Schemas and signatures as protocol messages.

use tfplugin::tfplugin6 as proto;

use crate::schema::{Attribute, Block, Mode, NestedBlock, Nesting, Parameter, Schema, Signature};

pub(super) fn message(schema: &Schema) -> proto::Schema {
    proto::Schema { version: schema.version, block: Some(block(&schema.block, schema.version, None)) }
}

pub(super) fn function(signature: &Signature) -> proto::Function {
    let ty = |ty: &crate::value::Type| ty.to_json().to_string().into_bytes();
    let parameter = |parameter: &Parameter| proto::function::Parameter {
        name: parameter.name.clone(),
        r#type: ty(&parameter.ty),
        allow_null_value: parameter.nullable,
        allow_unknown_values: false,
        description: parameter.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
    };
    proto::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: None,
        r#return: Some(proto::function::Return { r#type: ty(&signature.returns) }),
        summary: signature.description.lines().next().unwrap_or_default().to_owned(),
        description: signature.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
        deprecation_message: String::new(),
    }
}

fn block(block: &Block, version: i64, deprecated: Option<&str>) -> proto::schema::Block {
    proto::schema::Block {
        version,
        attributes: block.attributes.iter().map(|(name, a)| attribute(name, a)).collect(),
        block_types: block.blocks.iter().map(|(name, nested)| nested_block(name, nested)).collect(),
        description: block.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
        deprecated: deprecated.is_some(),
        deprecation_message: deprecated.unwrap_or_default().to_owned(),
    }
}

fn attribute(name: &str, attribute: &Attribute) -> proto::schema::Attribute {
    proto::schema::Attribute {
        name: name.to_owned(),
        r#type: attribute.ty.to_json().to_string().into_bytes(),
        description: attribute.description.clone(),
        required: attribute.mode == Mode::Required,
        optional: matches!(attribute.mode, Mode::Optional | Mode::OptionalComputed),
        computed: attribute.is_computed(),
        sensitive: attribute.sensitive,
        description_kind: proto::StringKind::Markdown.into(),
        deprecated: attribute.deprecated.is_some(),
        nested_type: None,
        write_only: attribute.write_only,
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
    }
}

fn nested_block(name: &str, nested: &NestedBlock) -> proto::schema::NestedBlock {
    use proto::schema::nested_block::NestingMode;
    let nesting = match nested.nesting {
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Single => NestingMode::Single,
    };
    proto::schema::NestedBlock {
        type_name: name.to_owned(),
        block: Some(block(&nested.block, 0, nested.deprecated.as_deref())),
        nesting: nesting.into(),
        min_items: nested.min_items.into(),
        max_items: nested.max_items.into(),
    }
}
