import { actionOf, type ActionName } from '../state/keymap';
import type { IconName } from '../primitives/icons';
import { makeCodeBlock, makeLink, toggleLines, toggleMark, type Edit } from './edit';
import type { Words } from '../lang/en';

export type Format = (edit: Edit) => Edit;

interface FormatAction {
  icon: IconName;
  name: keyof Words['formats'];
  /** Its entry in the table of keys, if it has one. */
  key?: ActionName;
  run: Format;
}

/** What the bar over the composer offers, in groups. */
export const formats: FormatAction[][] = [
  [
    { icon: 'bold', name: 'bold', key: 'bold', run: (edit) => toggleMark(edit, '**') },
    { icon: 'italic', name: 'italic', key: 'italic', run: (edit) => toggleMark(edit, '_') },
    { icon: 'strike', name: 'strike', key: 'strike', run: (edit) => toggleMark(edit, '~~') },
  ],
  [
    { icon: 'link', name: 'link', run: makeLink },
    { icon: 'list', name: 'list', run: (edit) => toggleLines(edit, '- ') },
    { icon: 'quote', name: 'quote', run: (edit) => toggleLines(edit, '> ') },
  ],
  [
    { icon: 'code', name: 'code', key: 'code', run: (edit) => (edit.text.slice(edit.start, edit.end).includes('\n') ? makeCodeBlock(edit) : toggleMark(edit, '`')) },
  ],
];

/** The format a key stands for, if any. */
export function formatKey(event: KeyboardEvent): Format | null {
  const action = actionOf(event, 'writing');
  return (action && formats.flat().find((one) => one.key === action)?.run) ?? null;
}
