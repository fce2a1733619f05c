/* NT 4's network messages that this NET knows, by number. A number is the same in every language; a text is not. */
#ifndef NET_TEXT_H
#define NET_TEXT_H

/* The text with `%1` replaced by the insert; NULL if the number is not known here. Not reentrant. */
const wchar_t *net_text(unsigned number, const wchar_t *insert);

/* The texts of NET that have no number. */
enum net_phrase { PHRASE_MORE_HELP, PHRASE_SYSTEM_ERROR, PHRASE_A_SYSTEM_ERROR, PHRASE_STARTED_LIST, PHRASE_DONE };
const wchar_t *net_phrase(enum net_phrase phrase);

#endif
