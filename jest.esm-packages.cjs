// Names of installed packages whose nearest package.json says "type": "module" (nested ones too).
const fs = require('node:fs');
const path = require('node:path');

module.exports = function esmPackages(root) {
  const names = new Set();
  const walk = (folder) => {
    let entries;
    try {
      entries = fs.readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.') || !entry.isDirectory()) continue;
      const packages = entry.name.startsWith('@')
        ? fs.readdirSync(path.join(folder, entry.name)).map((name) => `${entry.name}/${name}`)
        : [entry.name];
      for (const name of packages) {
        try {
          const manifest = JSON.parse(fs.readFileSync(path.join(folder, name, 'package.json'), 'utf8'));
          if (manifest.type === 'module') names.add(name);
        } catch {
          // a folder without a manifest is not a package
        }
        walk(path.join(folder, name, 'node_modules'));
      }
    }
  };
  walk(path.join(root, 'node_modules'));
  return [...names].sort();
};
