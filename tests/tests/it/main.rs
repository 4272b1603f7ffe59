//! The product as its users meet it. Every test starts its own emulator on a free port and in a directory of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by panicking")]

mod aggregation;
mod attach;
mod boto3;
mod command_line;
mod crash;
mod cut_off;
mod daemon;
mod destinations;
mod encryption;
mod examples;
mod function;
mod gate;
mod hostile;
mod install;
mod javascript;
mod log_groups;
mod mappings;
mod objects;
mod official_clients;
mod order;
mod pipeline;
mod queues;
mod quickstart;
mod repeated;
mod rust_sdk;
mod scale;
mod serve;
mod service_model;
mod slow_reader;
mod stage;
mod steps;
mod stock;
mod terraform_errors;
mod terraform_functions;
mod terraform_identity;
mod terraform_keys;
mod terraform_lambda;
mod terraform_queues;
mod terraform_topics;
mod terraform_zones;
mod tf;
mod tls;
mod torment;
mod wire;
