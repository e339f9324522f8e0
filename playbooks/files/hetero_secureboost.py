"""PSI, HeteroSecureBoost and Evaluation, then a prediction: the pipeline of FATE's document with the settings of FATE_JOB."""
import json
import os

from fate_client.pipeline import FateFlowPipeline
from fate_client.pipeline.components.fate import PSI, Evaluation, HeteroSecureBoost, Reader

job = json.loads(os.environ['FATE_JOB'])
guest, hosts = str(job['guest']), [str(host) for host in job['hosts']]


def reader(name):
    task = Reader(name)
    task.guest.task_parameters(namespace=job['namespace'], name=job['guest_table'])
    for index in range(len(hosts)):
        task.hosts[index].task_parameters(namespace=job['namespace'], name=job['host_table'])
    return task


pipeline = FateFlowPipeline().set_parties(guest=guest, host=hosts if len(hosts) > 1 else hosts[0])
reader_0 = reader('reader_0')
psi_0 = PSI('psi_0', input_data=reader_0.outputs['output_data'])
data = psi_0.outputs['output_data']
hetero_secureboost_0 = HeteroSecureBoost('hetero_secureboost_0', train_data=data, validate_data=data, **job['secureboost'])
evaluation_0 = Evaluation('evaluation_0', runtime_parties=dict(guest=guest), metrics=job['metrics'],
                          input_datas=[hetero_secureboost_0.outputs['train_output_data']])
pipeline.add_tasks([reader_0, psi_0, hetero_secureboost_0, evaluation_0])
pipeline.compile()
pipeline.fit()
print('metrics:', json.dumps(pipeline.get_task_info('evaluation_0').get_output_metric(), default=str))

if job['predict']:
    pipeline.deploy([psi_0, hetero_secureboost_0])
    deployed = pipeline.get_deployed_pipeline()
    reader_1 = reader('reader_1')
    deployed.psi_0.input_data = reader_1.outputs['output_data']
    prediction = FateFlowPipeline()
    prediction.add_tasks([reader_1, deployed])
    prediction.compile()
    prediction.predict()
