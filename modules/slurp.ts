import { defineModule, Fail, isUnknown, Unknown } from '../engine/module/contract.js'

/** Reads a file of the host. */
export default defineModule({
  summary: 'Read a file of the host',
  description: 'Files of more than 10 MiB are refused; use fetch for those.',
  params: {
    src: { type: 'path', required: true, aliases: ['path'], description: 'The file.' },
  },
  returns: {
    content: 'The bytes, in base64.',
    encoding: 'Always base64.',
    source: 'The file that was read.',
  },
  examples: `
- slurp: {src: /data/projects/fate/confs-10000/route_table.yaml}
  register: routes
- debug: {msg: "{{ routes.content | b64decode }}"}
`,
  probe: ({ src }) => [{ kind: 'path', path: src, need: 'content', follow: true }],
  wanted: ({ src }, before) => {
    const { type } = before.path(src)
    if (type === 'absent') throw new Fail(`file not found: ${src}`, [`path:${src}`])
    if (type === 'directory')
      throw new Fail(`source is a directory and must be a file: ${src}`, [`path:${src}`])
    if (type === 'other') throw new Fail(`${src} is no regular file`, [`path:${src}`])
    return new Map()
  },
  result: ({ src }, before) => {
    const { content = new Unknown(`content of ${src}`) } = before.path(src)
    return {
      values: {
        content: isUnknown(content) ? content : content.bytes().toString('base64'),
        encoding: 'base64',
        source: src,
      },
    }
  },
})
