import { actionOf, type ActionName } from '../state/keymap';
import type { IconName } from '../primitives/icons';
import { makeCodeBlock, makeLink, toggleLines, toggleMark, type Edit } from './edit';

export type Format = (edit: Edit) => Edit;

interface FormatAction {
  icon: IconName;
  label: string;
  /** Its entry in the table of keys, if it has one. */
  key?: ActionName;
  run: Format;
}

/** What the bar over the composer offers, in groups. */
export const formats: FormatAction[][] = [
  [
    { icon: 'bold', label: 'Bold', key: 'bold', run: (edit) => toggleMark(edit, '**') },
    { icon: 'italic', label: 'Italic', key: 'italic', run: (edit) => toggleMark(edit, '_') },
    { icon: 'strike', label: 'Strikethrough', key: 'strike', run: (edit) => toggleMark(edit, '~~') },
  ],
  [
    { icon: 'link', label: 'Link', run: makeLink },
    { icon: 'list', label: 'List', run: (edit) => toggleLines(edit, '- ') },
    { icon: 'quote', label: 'Quote', run: (edit) => toggleLines(edit, '> ') },
  ],
  [
    { icon: 'code', label: 'Code', key: 'code', run: (edit) => (edit.text.slice(edit.start, edit.end).includes('\n') ? makeCodeBlock(edit) : toggleMark(edit, '`')) },
  ],
];

/** The format a key stands for, if any. */
export function formatKey(event: KeyboardEvent): Format | null {
  const action = actionOf(event, 'writing');
  return (action && formats.flat().find((one) => one.key === action)?.run) ?? null;
}
