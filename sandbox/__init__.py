"""The offline AWS: four emulated accounts, a pipeline engine, events and a clock."""
