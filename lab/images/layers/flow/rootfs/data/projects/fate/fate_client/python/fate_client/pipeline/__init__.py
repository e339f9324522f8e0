"""Double of FATE's pipeline: the names that scripts of KubeFATE's and FATE's documents import, and what they send.

Kept: the graph that is sent to FATE-Flow, the address of `pipeline init`, the lines that fit() prints, its ValueError for jobs that
are failed or canceled, and that it waits for ever otherwise. Not kept: every component but the four, data and metrics as pandas.
"""

from fate_client.pipeline.pipeline import FateFlowPipeline

__all__ = ['FateFlowPipeline']
