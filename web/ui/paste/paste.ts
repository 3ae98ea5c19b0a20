import { insert } from '../composer/query';
import type { Edit } from '../composer/edit';
import { endsInCode } from '../emoji/replace';
import { target } from './inline';
import { markdownOf } from './markdown';

/** Longer pages than that are pasted as the text they are. */
const most = 400_000;

/** A text after a paste. An address makes a link of what is selected; a page becomes Markdown, unless one writes code. */
export function paste(edit: Edit, html: string, text: string): Edit {
  if (endsInCode(edit.text.slice(0, edit.start))) return insert(edit, text);
  const label = edit.text.slice(edit.start, edit.end);
  const address = text.trim();
  if (isAddress(address) && label.trim() && !label.includes('\n') && !isAddress(label.trim())) return insert(edit, `[${label}](${target(address)})`);
  const markdown = html.length > most ? '' : markdownOf(html);
  return insert(edit, markdown || text);
}

const isAddress = (text: string): boolean => /^https?:\/\/\S+$/iu.test(text);
