"""FateFlowPipeline: tasks, the graph they make, and the job that runs it."""

import copy

from fate_client.pipeline.flow import FateFlow

ROLES = ('guest', 'host', 'arbiter', 'local')


class FateFlowPipeline:
    def __init__(self):
        self._parties, self._tasks, self._stage, self._graph = {}, {}, 'train', None
        self._model, self._deployed = None, None

    def __getattr__(self, name):
        tasks = self.__dict__.get('_tasks', {})
        if name in tasks:
            return tasks[name]
        raise AttributeError(name)

    def set_parties(self, **parties):
        for role, ids in parties.items():
            if role not in ROLES:
                raise ValueError(f'role {role} is not support')
            if ids is not None:
                self._parties[role] = [str(one) for one in (ids if isinstance(ids, list) else [ids])]
        return self

    def add_task(self, task):
        if isinstance(task, FateFlowPipeline):
            if task._stage != 'deployed':
                raise ValueError('Deploy training pipeline first and use get_deployed_pipeline to get the inst')
            self._stage, self._model = 'predict', task._model
            self._parties = self._parties or task._parties
            self._tasks.update(task._tasks)
        elif task.task_name in self._tasks:
            raise ValueError(f'Task {task.task_name} has been added before')
        else:
            self._tasks[task.task_name] = task
        return self

    def add_tasks(self, tasks):
        for task in tasks:
            self.add_task(task)
        return self

    def compile(self):
        conf = {'model_warehouse': self._model} if self._stage == 'predict' else {}
        self._graph = {'kind': 'fate', 'schema_version': '2.1.0', 'dag': {
            'conf': conf, 'stage': self._stage, 'parties': listed(self._parties),
            'party_tasks': self._party_tasks(), 'tasks': {name: self._spec(task) for name, task in self._tasks.items()}}}
        return self

    def _party_tasks(self):
        found = {}
        for name, task in self._tasks.items():
            members = [('guest', 0, task.guest), *(('host', at, member) for at, member in task.hosts.items())]
            for role, at, member in members:
                if member.parameters:
                    one = self._parties[role][at]
                    tasks = found.setdefault(f'{role}_{one}', {'parties': [{'role': role, 'party_id': [one]}], 'tasks': {}})
                    tasks['tasks'][name] = {'parameters': member.parameters}
        return found

    def _spec(self, task):
        inputs = {name: source if isinstance(source, list) else [source] for name, source in task.data_inputs().items()}
        sources = [source for one in inputs.values() for source in one]
        for source in sources:
            if source is UNSET or source.task_name not in self._tasks:
                raise ValueError(f'an input of {task.task_name} has no task that gives it')
        return {'component_ref': task.ref, 'parameters': task.given,
                'dependent_tasks': sorted({source.task_name for source in sources}),
                'inputs': {'data': {name: [source.spec() for source in one] for name, one in inputs.items()}},
                'parties': listed(task.runtime_parties) if task.runtime_parties else None,
                'stage': 'default' if task.ref in ('reader', 'psi') else None}

    def fit(self):
        answer = FateFlow().run(self._graph)
        self._model = {'model_id': answer['model_id'], 'model_version': answer['model_version']}
        self._job = answer
        return self

    def predict(self):
        self._job = FateFlow().run(self._graph)
        return self

    def deploy(self, tasks=None):
        names = [task if isinstance(task, str) else task.task_name for task in tasks or self._tasks.values()]
        deployed = FateFlowPipeline()
        deployed._stage, deployed._model, deployed._parties = 'deployed', self._model, self._parties
        for name in names:
            task = copy.deepcopy(self._tasks[name])
            source = getattr(task, 'train_data', None) or getattr(task, 'input_data', None)
            for one in task.inputs:
                setattr(task, one, None)
            place = 'test_data' if 'test_data' in task.inputs else 'input_data'
            setattr(task, place, source if source and source.task_name in names else UNSET)
            deployed._tasks[name] = task
        self._deployed = deployed

    def get_deployed_pipeline(self):
        if self._deployed is None:
            raise ValueError('To get deployed pipeline, deploy first')
        return self._deployed

    def get_task_info(self, task):
        return TaskInfo(self._job, task if isinstance(task, str) else task.task_name)

    def transform_local_file_to_dataframe(self, file, namespace, name, meta, head=True, extend_sid=True, partitions=4):
        FateFlow().upload(file=file, head=head, meta=meta, extend_sid=extend_sid, partitions=partitions,
                          namespace=namespace, name=name)


class TaskInfo:
    def __init__(self, job, task):
        self.job, self.task = job, task

    def get_output_model(self):
        return FateFlow().output('model', self.job, self.task)

    def get_output_metric(self):
        return FateFlow().output('metric', self.job, self.task)


# An input that the script still has to say.
UNSET = object()


def listed(parties):
    return [{'role': role, 'party_id': ids if isinstance(ids, list) else [ids]} for role, ids in parties.items()]
