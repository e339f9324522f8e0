/**
 * The work of the playbooks, said twice: as tasks for fplay and Ansible, and as the least shell text that reaches the
 * same state. `AT` is the folder of everything, also a variable of the playbook (`at`).
 */
export interface Step {
  /** YAML of one task. */
  readonly task: string
  /** Shell text for one host. */
  readonly shell: (host: string) => string
  /** Files beside the playbook that the task reads, by path. */
  readonly files?: Readonly<Record<string, string | Buffer>>
}

const OWNED = 'owner: fate, group: fate'
const FOLDERS = ['', '/conf', '/data', '/logs', '/bin', '/pkg']
/** Lines of each of the eight templates: 1 to 4 KB. */
const TEMPLATES = [25, 30, 40, 50, 60, 70, 80, 90]
/** Kilobytes of each of the four files. */
const COPIES = [10, 50, 100, 200]

const account: readonly Step[] = [
  {
    task: 'group: { name: fate, gid: 1968 }',
    shell: () => 'grep -q ^fate: /etc/group || groupadd -g 1968 fate',
  },
  {
    task: 'user: { name: fate, uid: 1968, group: fate, create_home: false, shell: /bin/sh }',
    shell: () => 'grep -q ^fate: /etc/passwd || useradd -M -u 1968 -g fate -s /bin/sh fate',
  },
]

const folders = FOLDERS.map((folder): Step => ({
  task: `file: { path: '{{ at }}${folder}', state: directory, mode: '0750', ${OWNED} }`,
  shell: () => `install -d -m 750 -o fate -g fate "$AT${folder}"`,
}))

const templates = TEMPLATES.map((lines, i): Step => {
  const text = (host: string): string =>
    Array.from({ length: lines }, (_, n) => `server.${n}.address = ${host}:${9000 + n} # of ${host}\n`).join(
      '',
    )
  return {
    task: `template: { src: server${i}.j2, dest: '{{ at }}/conf/server${i}.conf', mode: '0640', ${OWNED} }`,
    shell: (host) => here(text(host), `install -m 640 -o fate -g fate /dev/stdin "$AT/conf/server${i}.conf"`),
    files: { [`templates/server${i}.j2`]: text('{{ inventory_hostname }}') },
  }
})

const copies = COPIES.map((size, i): Step => {
  const text = `${'0123456789abcdef'.repeat(4)}\n`.repeat(Math.ceil((size * 1024) / 65))
  return {
    task: `copy: { src: data${i}.txt, dest: '{{ at }}/data/data${i}.txt', mode: '0640', ${OWNED} }`,
    shell: () => here(text, `install -m 640 -o fate -g fate /dev/stdin "$AT/data/data${i}.txt"`),
    files: { [`files/data${i}.txt`]: text },
  }
})

const lines = ['fate soft nofile 65535', 'fate hard nofile 65535', 'fate soft nproc 4096'].map(
  (line): Step => ({
    task: `lineinfile: { path: '{{ at }}/limits', line: '${line}', create: true, mode: '0644' }`,
    shell: () => `grep -qxs '${line}' "$AT/limits" || echo '${line}' >>"$AT/limits"`,
  }),
)

const commands = ['migrate', 'warm', 'seal'].map((name): Step => ({
  task: `command: { argv: [touch, '{{ at }}/bin/${name}'], creates: '{{ at }}/bin/${name}' }`,
  shell: () => `[ -e "$AT/bin/${name}" ] || touch "$AT/bin/${name}"`,
}))

/** About what setting up a host for FATE does; the archive is made by {@link converging}. */
export function converging(archive: Buffer): readonly Step[] {
  return [
    ...account,
    ...folders,
    ...templates,
    ...copies,
    ...lines,
    {
      task: "file: { src: '{{ at }}/conf', path: '{{ at }}/current', state: link }",
      shell: () => 'ln -sfn "$AT/conf" "$AT/current"',
    },
    {
      task: "unarchive: { src: pkg.tgz, dest: '{{ at }}/pkg', creates: '{{ at }}/pkg/VERSION' }",
      shell: () =>
        here(
          archive.toString('base64'),
          '[ -e "$AT/pkg/VERSION" ] || base64 -d | tar xz --no-same-owner -C "$AT/pkg"',
        ),
      files: { 'files/pkg.tgz': archive },
    },
    ...commands,
    {
      task: "stat: { path: '{{ at }}/current' }\n      register: current",
      shell: () => 'test -L "$AT/current"',
    },
    { task: 'assert: { that: current.stat.islnk }', shell: () => '' },
  ]
}

/** So many tasks that do next to nothing. */
export function trivial(count: number): readonly Step[] {
  return Array.from({ length: count }, () => ({
    task: "command: 'true'\n      changed_when: false",
    shell: () => '/bin/true',
  }))
}

/** So many looks at a file. */
export function looking(count: number): readonly Step[] {
  return Array.from({ length: count }, () => ({
    task: 'stat: { path: /etc/passwd }',
    shell: () => 'stat /etc/passwd >/dev/null',
  }))
}

function here(text: string, command: string): string {
  return `{ ${command}; } <<'END-OF-TEXT'\n${text.endsWith('\n') ? text : `${text}\n`}END-OF-TEXT`
}

/** Shell text of all steps on a host. */
export function scriptOf(steps: readonly Step[], host: string, at: string): string {
  return `set -e\nAT=${at}\n${steps.map((step) => step.shell(host)).join('\n')}\n`
}

/** The playbook of all steps. */
export function playbookOf(steps: readonly Step[], at: string, free = false): string {
  const tasks = steps.map(({ task }) => `    - ${task}\n`).join('')
  const strategy = free ? '  strategy: free\n' : ''
  return `- hosts: all\n  gather_facts: false\n${strategy}  vars: { at: '${at}' }\n  tasks:\n${tasks}`
}
