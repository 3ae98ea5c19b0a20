//! What a plexer without a store asks of the application, over gRPC.
