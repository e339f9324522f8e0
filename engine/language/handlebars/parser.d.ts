/// <reference types="handlebars" />
/** Handlebars' parser without its compiler, which we do not use. */
declare module 'handlebars/dist/cjs/handlebars/compiler/base.js' {
  export function parse(text: string): hbs.AST.Program
}
