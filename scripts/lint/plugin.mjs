// Our own lint rules, run by oxlint beside its own: what no ready-made rule can say about this project.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { refuseImport } from './places.mjs';

const importOrder = {
  create(context) {
    const root = projectRoot(context.filename);
    const check = (node, source) => {
      if (typeof source?.value !== 'string') return;
      const message = refuseImport(root, context.filename, source.value);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal ?? node.argument),
      // A worker thread is imported by its URL.
      NewExpression: (node) => {
        if (node.callee.name === 'URL' && node.arguments.length === 2) check(node, node.arguments[0]);
      },
    };
  },
};

const noBarrel = {
  create(context) {
    const report = (node) => {
      if (node.source?.value?.startsWith('.'))
        context.report({ node, message: 'import a symbol from the file that declares it; no re-exports' });
    };
    return {
      Program: (node) => {
        if (/^index\.[cm]?[jt]s$/.test(basename(context.filename)))
          context.report({ node, message: 'no barrel: name the file after its one concept' });
      },
      ExportAllDeclaration: report,
      ExportNamedDeclaration: report,
    };
  },
};

function projectRoot(file) {
  let folder = dirname(file);
  while (!existsSync(join(folder, '.oxlintrc.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

export default { meta: { name: 'kuva' }, rules: { 'import-order': importOrder, 'no-barrel': noBarrel } };
