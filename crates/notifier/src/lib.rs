//! The notification service: rooms of interest, heads and presence over gRPC.
