import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether bytes are one JSON object; what is in it is not kept. */
final class Json {
	private static final int DEEPEST = 64;
	private static final Pattern SPACE = Pattern.compile("[ \t\r\n]*");
	private static final Pattern STRING = Pattern.compile(
		"\"(?:[^\"\\\\\\x00-\\x1f]|\\\\[\"\\\\/bfnrt]"
		+ "|\\\\u[0-9a-fA-F]{4})*+\"");
	private static final Pattern SCALAR = Pattern.compile(STRING
		+ "|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
		+ "|true|false|null");
	private final Matcher text;
	private int at;

	private Json(String text) {
		this.text = SPACE.matcher(text);
	}

	static boolean isObject(byte[] bytes) {
		try {
			String text = StandardCharsets.UTF_8.newDecoder()
				.decode(ByteBuffer.wrap(bytes)).toString();
			Json json = new Json(text);
			json.take(SPACE);
			return json.list('{', '}', true, 0) && json.take(SPACE)
				&& json.at == text.length();
		} catch (CharacterCodingException e) {
			return false;
		}
	}

	private boolean take(Pattern what) {
		text.usePattern(what).region(at, text.regionEnd());
		if (!text.lookingAt()) {
			return false;
		}
		at = text.end();
		return true;
	}

	private boolean take(char what) {
		return take(Pattern.compile(Pattern.quote("" + what)));
	}

	private boolean value(int depth) {
		return take(SPACE) && (take(SCALAR)
			|| depth < DEEPEST && (list('{', '}', true, depth + 1)
				|| list('[', ']', false, depth + 1))) && take(SPACE);
	}

	private boolean list(char first, char last, boolean named, int depth) {
		if (!take(first)) {
			return false;
		}
		take(SPACE);
		if (take(last)) {
			return true;
		}
		do {
			if (named && !(take(SPACE) && take(STRING) && take(SPACE)
					&& take(':'))) {
				return false;
			}
			if (!value(depth)) {
				return false;
			}
		} while (take(','));
		return take(last);
	}
}
