//! What only this engine promises: files, full disks, backups and pages kept in memory.

mod backup;
mod files;
mod full_disk;
mod pages;
mod reactions;
mod world;
