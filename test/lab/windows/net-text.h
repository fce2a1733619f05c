/* NT 4's network messages that NET knows here, by number. A number is the same in every language; a text is not. */
#ifndef NET_TEXT_H
#define NET_TEXT_H

/* The text with `%1` replaced by the insert; NULL where the number is not known here. Not reentrant. */
const wchar_t *net_text(unsigned number, const wchar_t *insert);

/* A text NET has without a number: */
enum net_phrase { PHRASE_MORE_HELP, PHRASE_SYSTEM_ERROR, PHRASE_A_SYSTEM_ERROR, PHRASE_STARTED_LIST, PHRASE_DONE };
const wchar_t *net_phrase(enum net_phrase phrase);

#endif
