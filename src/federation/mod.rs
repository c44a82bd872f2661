//! `ActivityPub` at the edge.
//!
//! The wire comes first: what a remote server sends is bounded and read tolerantly ([`json`]),
//! who sent it is proved ([`keys`], [`signatures`]), and what we read from others goes through
//! one guarded client ([`addresses`], [`http_client`], [`fetch`]).

pub mod activities;
pub mod actors;
pub mod addresses;
pub mod collections;
pub mod context;
pub mod delivery;
pub mod errors;
pub mod fetch;
pub mod http_client;
pub mod inbox;
pub mod json;
pub mod keys;
pub mod nodeinfo;
pub mod objects;
pub mod outgoing;
pub mod proofs;
pub mod public_files;
pub mod reading;
pub mod remote_actor;
pub mod remote_follow;
pub mod routes;
pub mod signatures;
pub mod signers;
pub mod verifier;
pub mod vocabulary;
pub mod webfinger;
