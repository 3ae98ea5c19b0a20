import { hasModifier } from '../lib/platform';
import type { IconName } from '../primitives/icons';
import { makeCodeBlock, makeLink, toggleLines, toggleMark, type Edit } from './edit';

export type Format = (edit: Edit) => Edit;

interface FormatAction {
  icon: IconName;
  label: string;
  /** The letter that goes with the main modifier. */
  key?: string;
  shift?: boolean;
  run: Format;
}

/** What the bar over the composer offers, in groups. */
export const formats: FormatAction[][] = [
  [
    { icon: 'bold', label: 'Bold', key: 'b', run: (edit) => toggleMark(edit, '**') },
    { icon: 'italic', label: 'Italic', key: 'i', run: (edit) => toggleMark(edit, '_') },
    { icon: 'strike', label: 'Strikethrough', key: 'x', shift: true, run: (edit) => toggleMark(edit, '~~') },
  ],
  [
    { icon: 'link', label: 'Link', run: makeLink },
    { icon: 'list', label: 'List', run: (edit) => toggleLines(edit, '- ') },
    { icon: 'quote', label: 'Quote', run: (edit) => toggleLines(edit, '> ') },
  ],
  [
    { icon: 'code', label: 'Code', key: 'e', run: (edit) => (edit.text.slice(edit.start, edit.end).includes('\n') ? makeCodeBlock(edit) : toggleMark(edit, '`')) },
  ],
];

/** The format a key stands for, if any. */
export function formatKey(event: KeyboardEvent): Format | null {
  if (!hasModifier(event)) return null;
  const letter = event.key.toLowerCase();
  return formats.flat().find((one) => one.key === letter && (one.shift ?? false) === event.shiftKey)?.run ?? null;
}
