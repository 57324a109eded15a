/*
 * Stands for the shell that Git for Windows brings along, as far as Git needs it to run a
 * credential helper: sh -c COMMAND [NAME], where the command is words between blanks, in
 * which a backslash makes the next character a plain one. Git doubles each backslash for this
 * shell, whatever Windows' own rules say.
 */
#include <errno.h>
#include <process.h>
#include <stdlib.h>
#include <wchar.h>

int wmain(int count, wchar_t **arguments)
{
	static wchar_t text[8192];
	wchar_t *words[64], *to = text, *program;
	const wchar_t *from;
	int number = 0;
	intptr_t code;

	if (count < 3 || count > 4 || wcscmp(arguments[1], L"-c") || wcslen(arguments[2]) > 4000)
		return 125;
	for (from = arguments[2]; *from;) {
		if (*from == L' ') {
			from++;
			continue;
		}
		if (number == 62)
			return 125;
		/* Quoted: the called program splits its command line again. */
		words[number++] = to;
		*to++ = L'"';
		for (; *from && *from != L' '; from++) {
			if (from[0] == L'\\' && from[1] == L'\\' && from[2])
				from += 2;
			*to++ = *from;
		}
		*to++ = L'"';
		*to++ = 0;
	}
	if (!number)
		return 0;
	words[number] = NULL;
	program = _wcsdup(words[0] + 1);
	program[wcslen(program) - 1] = 0;
	code = _wspawnvp(_P_WAIT, program, (const wchar_t *const *)words);
	return code == -1 ? 127 : (int)code;
}
