"""Components of a graph: their inputs, outputs and parameters by name; what a component does not know is a TypeError."""


class Output:
    """What a task gives to others."""

    def __init__(self, task_name, key):
        self.task_name, self.key = task_name, key

    def spec(self):
        return {'task_output_artifact': {'output_artifact_key': self.key, 'producer_task': self.task_name}}


class Outputs:
    def __init__(self, task_name, keys):
        self.task_name, self.keys = task_name, keys

    def __getitem__(self, key):
        if key not in self.keys:
            raise ValueError(f'{self.task_name} has no output {key}')
        return Output(self.task_name, key)


class Member:
    """Parameters of one party."""

    def __init__(self):
        self.parameters = {}

    def task_parameters(self, **parameters):
        self.parameters.update(parameters)


class Members(dict):
    def __missing__(self, index):
        self[index] = Member()
        return self[index]


class Component:
    ref, inputs, parameters, output_keys = '', (), (), ()

    def __init__(self, _name, runtime_parties=None, **given):
        for name in given:
            if name not in self.inputs + self.parameters:
                raise TypeError(f'{type(self).__name__} got an unexpected argument {name!r}')
        self.task_name, self.runtime_parties = _name, runtime_parties
        self.given = {name: given[name] for name in self.parameters if name in given}
        for name in self.inputs:
            setattr(self, name, given.get(name))
        self.guest, self.hosts = Member(), Members()
        self.outputs = Outputs(_name, self.output_keys)

    def data_inputs(self):
        """Outputs of other tasks by the name of the input."""
        return {name: getattr(self, name) for name in self.inputs if getattr(self, name) is not None}


class Reader(Component):
    ref, parameters, output_keys = 'reader', ('namespace', 'name'), ('output_data',)


class PSI(Component):
    ref, inputs, parameters, output_keys = 'psi', ('input_data',), ('protocol', 'curve_type'), ('output_data',)


class HeteroSecureBoost(Component):
    ref = 'hetero_secureboost'
    inputs = ('train_data', 'validate_data', 'test_data')
    parameters = ('num_trees', 'learning_rate', 'max_depth', 'complete_secure', 'max_bin', 'objective', 'num_class', 'goss',
                  'goss_start_iter', 'top_rate', 'other_rate', 'l1', 'l2', 'min_impurity_split', 'min_sample_split',
                  'min_leaf_node', 'min_child_weight', 'gh_pack', 'split_info_pack', 'hist_sub', 'random_seed')
    output_keys = ('train_output_data', 'test_output_data', 'output_model')


class Evaluation(Component):
    ref, inputs = 'evaluation', ('input_datas',)
    parameters = ('default_eval_setting', 'metrics', 'predict_column_name', 'label_column_name')
