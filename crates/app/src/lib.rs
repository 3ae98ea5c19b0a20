//! Services: what Petit chat does, one module for each slice, on ports.
