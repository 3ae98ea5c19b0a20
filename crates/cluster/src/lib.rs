//! Which node owns a chat, and doing its work there: ownership by rendezvous hashing, over gRPC.
