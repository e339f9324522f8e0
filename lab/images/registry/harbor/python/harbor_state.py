"""What the double of Harbor keeps: the administrator's password, projects, robot accounts. One JSON file in its database folder."""

import hashlib
import json
import os
import secrets
import threading


class Refusal(Exception):
    """An answer other than the one that was asked for: an HTTP status, Harbor's code, and words."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class State:
    def __init__(self, folder, first_password):
        self.path = os.path.join(folder, 'state.json')
        self.lock = threading.RLock()
        if os.path.exists(self.path):
            with open(self.path) as file:
                self.data = json.load(file)
        else:
            # As with Harbor, the password of harbor.yml counts when the database is made, and never again.
            self.data = {'admin': digest(first_password), 'projects': [], 'robots': [], 'last': 1}
            self.save()

    def save(self):
        with open(self.path + '.part', 'w') as file:
            json.dump(self.data, file)
        os.replace(self.path + '.part', self.path)

    def next_id(self):
        self.data['last'] += 1
        return self.data['last']

    def account(self, name, password):
        """Who that is: `admin`, a robot's dictionary, or None."""
        if name == 'admin' and digest(password) == self.data['admin']:
            return 'admin'
        for robot in self.data['robots']:
            if robot['name'] == name and robot['secret'] == digest(password) and not robot['disable']:
                return robot
        return None

    def project(self, name):
        return next((one for one in self.data['projects'] if str(one['name']) == name), None)

    def add_project(self, body):
        name = body.get('project_name')
        if not isinstance(name, str) or not name or name != name.lower():
            raise Refusal(400, 'BAD_REQUEST', f'project name {name!r} is not in lower case')
        public = body.get('metadata', {}).get('public', 'false')
        if public not in ('true', 'false'):
            raise Refusal(422, 'UNPROCESSABLE_ENTITY', 'metadata.public is a string, "true" or "false"')
        with self.lock:
            if self.project(name):
                raise Refusal(409, 'CONFLICT', f'The project named {name} already exists')
            self.data['projects'].append({'project_id': self.next_id(), 'name': name, 'metadata': {'public': public}})
            self.save()

    def add_robot(self, body):
        for key in ('name', 'level', 'permissions', 'duration'):
            if key not in body:
                raise Refusal(400, 'BAD_REQUEST', f'a robot account needs {key}')
        if body['duration'] != -1 and not body['duration'] > 0:
            raise Refusal(400, 'BAD_REQUEST', 'bad request error duration')
        permission = body['permissions'][0]
        project = self.project(permission['namespace'])
        if body['level'] != 'project' or project is None:
            raise Refusal(404, 'NOT_FOUND', f"project {permission['namespace']} not found")
        name = f"robot${project['name']}+{body['name']}"
        actions = [one['action'] for one in permission['access'] if one['resource'] == 'repository']
        if 'push' in actions and 'pull' not in actions:
            raise Refusal(400, 'BAD_REQUEST', 'pushing needs pull as well')
        secret = 'Aa1' + secrets.token_hex(12)
        with self.lock:
            if any(one['name'] == name for one in self.data['robots']):
                raise Refusal(409, 'CONFLICT', f'robot {name} already exists')
            robot = {
                'id': self.next_id(),
                'name': name,
                'secret': digest(secret),
                'disable': bool(body.get('disable')),
                'actions': actions,
                'project_id': project['project_id'],
                'project': project['name'],
                'expires_at': -1,
            }
            self.data['robots'].append(robot)
            self.save()
        return {'id': robot['id'], 'name': name, 'secret': secret, 'expires_at': -1}

    def new_secret(self, number, body):
        robot = next((one for one in self.data['robots'] if one['id'] == number), None)
        if robot is None:
            raise Refusal(404, 'NOT_FOUND', f'robot {number} not found')
        secret = body.get('secret') or 'Aa1' + secrets.token_hex(12)
        if not good_secret(secret):
            raise Refusal(400, 'BAD_REQUEST', 'the secret must have 8 to 128 characters, with a capital, a small letter and a digit')
        with self.lock:
            robot['secret'] = digest(secret)
            self.save()
        return {'secret': secret}


def good_secret(text):
    kinds = (str.isupper, str.islower, str.isdigit)
    return 8 <= len(text) <= 128 and all(any(kind(char) for char in text) for kind in kinds)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()
