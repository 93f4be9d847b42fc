"""Processing step: describes training features (`baseline`), compares a batch (`check`).

Packed as one program (`data_quality.pyz`) and run as `python3 data_quality.pyz COMMAND ...`.
Calls no service. Files and prefixes of many files are read with DuckDB, distributions sketched
with datasketches, both streaming: memory stays below 1 GB whatever the size of the data.

- `baseline` writes statistics.json and constraints.json;
- `check` writes statistics.json (of the batch), constraint_violations.json and check.json (the
  verdict, and every distance that was measured).

One direction: reading -> scanning -> describing -> sharing (among processes) -> model_monitor
(files) and checking -> verdict.

Runs in the SageMaker XGBoost 1.7-1 image: Python 3.8, numpy 1.19, and the two packages of
requirements.txt beside this file.
"""
