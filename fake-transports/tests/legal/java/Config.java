import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Variables and flags; a flag overrides its variable. */
final class Config {
	/** A line after which the process ends. */
	static final class Fatal extends Exception {
		final int status;

		Fatal(String line, int status) {
			super(line.replaceAll("[^ -~]", "?"));
			this.status = status;
		}
	}

	/** What is wrong with a value. */
	static final class Broken extends Exception {
		Broken(String why) {
			super(why);
		}
	}

	private static final Map<String, String> FLAGS = Map.ofEntries(
		Map.entry("-ptversion", "MANAGED_TRANSPORT_VER"),
		Map.entry("-state", "STATE_LOCATION"),
		Map.entry("-transports", "TRANSPORTS"),
		Map.entry("-proxy", "PROXY"),
		Map.entry("-target", "TARGET"),
		Map.entry("-options", "SERVER_TRANSPORT_OPTIONS"),
		Map.entry("-bindaddr", "SERVER_BINDADDR"),
		Map.entry("-orport", "ORPORT"),
		Map.entry("-extorport", "EXTENDED_SERVER_PORT"),
		Map.entry("-authcookie", "AUTH_COOKIE_FILE"));
	private static final Pattern ADDRESS = Pattern.compile(
		"(?:\\[([0-9a-fA-F:.]+)\\]|([A-Za-z0-9._-]+)):([0-9]{1,5})");

	private final Map<String, String> values = new HashMap<>();
	private String wrongFlag;
	boolean client;
	boolean stdinClose;
	Set<String> transports;
	final Map<String, Address> bind = new HashMap<>();
	Address orport;
	Address extorport;
	String cookie;

	/** A host that is not looked up until it is wanted. */
	record Address(String host, int port) {
		InetSocketAddress socket() {
			return new InetSocketAddress(host, port);
		}
	}

	Config(String[] argv) {
		System.getenv().forEach((key, value) -> {
			if (key.startsWith("TOR_PT_")) {
				values.put(key.substring(7), value);
			}
		});
		for (int i = 0; i < argv.length && wrongFlag == null; i++) {
			if (argv[i].equals("-exit-on-stdin-close")) {
				values.put("EXIT_ON_STDIN_CLOSE", "1");
			} else if (FLAGS.containsKey(argv[i]) && i + 1 < argv.length) {
				values.put(FLAGS.get(argv[i]), argv[++i]);
			} else {
				wrongFlag = argv[i];
			}
		}
	}

	private static Fatal refused(String why) {
		return new Fatal("ENV-ERROR " + why, 64);
	}

	private String value(String name) {
		return values.getOrDefault(name, "");
	}

	int version() throws Fatal {
		String offered = value("MANAGED_TRANSPORT_VER");
		if (offered.isEmpty()) {
			throw refused("no TOR_PT_MANAGED_TRANSPORT_VER");
		}
		List<String> known = Arrays.asList(offered.split(","));
		if (known.contains("2")) {
			return 2;
		}
		if (known.contains("1")) {
			return 1;
		}
		throw new Fatal("VERSION-ERROR no-version", 78);
	}

	/** All but the version. */
	void read() throws Fatal {
		if (wrongFlag != null) {
			throw refused("flag " + wrongFlag);
		}
		String clients = value("CLIENT_TRANSPORTS");
		String servers = value("SERVER_TRANSPORTS");
		if (clients.isEmpty() == servers.isEmpty()) {
			throw refused("one of TOR_PT_CLIENT_TRANSPORTS and "
				+ "TOR_PT_SERVER_TRANSPORTS has to be set");
		}
		client = servers.isEmpty();
		String list = values.getOrDefault("TRANSPORTS", clients + servers);
		if (list.isEmpty()) {
			throw refused("no transports");
		}
		transports = new LinkedHashSet<>(Arrays.asList(list.split(",")));
		stdinClose = value("EXIT_ON_STDIN_CLOSE").equals("1");
		try {
			if (client) {
				readClient();
			} else {
				readServer();
			}
		} catch (Broken e) {
			throw refused(e.getMessage());
		}
	}

	private void readClient() throws Broken, Fatal {
		if (!value("TARGET").isEmpty()) {
			address(value("TARGET"), 1, true);
		}
		if (!value("PROXY").isEmpty()) {
			throw new Fatal("PROXY-ERROR no proxies", 69);
		}
	}

	private void readServer() throws Broken {
		for (String item : items("SERVER_TRANSPORT_OPTIONS", ';')) {
			List<String> parts = split(item, ':', 2);
			if (parts.size() < 2 || parts.get(0).isEmpty()) {
				throw new Broken("a broken option");
			}
			pair(parts.get(1));
		}
		for (String item : items("SERVER_BINDADDR", ',')) {
			int dash = item.indexOf('-');
			if (dash < 0 || bind.putIfAbsent(item.substring(0, dash),
					address(item.substring(dash + 1), 0, false)) != null) {
				throw new Broken("a broken bind address");
			}
		}
		if (!value("ORPORT").isEmpty()) {
			orport = address(value("ORPORT"), 1, true);
		}
		if (!value("EXTENDED_SERVER_PORT").isEmpty()) {
			extorport = address(value("EXTENDED_SERVER_PORT"), 1, false);
			cookie = value("AUTH_COOKIE_FILE");
			if (cookie.isEmpty()) {
				throw new Broken("no TOR_PT_AUTH_COOKIE_FILE");
			}
		}
		if (orport == null && extorport == null) {
			throw new Broken("no destination");
		}
	}

	private List<String> items(String name, char separator) throws Broken {
		String text = value(name);
		return text.isEmpty() ? List.of()
			: split(text, separator, Integer.MAX_VALUE);
	}

	/** At unescaped separators; escapes stay. */
	static List<String> split(String text, char separator, int limit)
			throws Broken {
		List<String> parts = new ArrayList<>();
		int from = 0;
		for (int i = 0; i < text.length(); i++) {
			if (text.charAt(i) == '\\') {
				if (++i == text.length()) {
					throw new Broken("a backslash at the end");
				}
			} else if (text.charAt(i) == separator
					&& parts.size() + 1 < limit) {
				parts.add(text.substring(from, i));
				from = i + 1;
			}
		}
		parts.add(text.substring(from));
		return parts;
	}

	static void pair(String text) throws Broken {
		List<String> parts = split(text, '=', 2);
		if (parts.size() < 2 || parts.get(0).isEmpty()) {
			throw new Broken("no KEY=VALUE");
		}
	}

	private static Address address(String text, int lowest, boolean named)
			throws Broken {
		Matcher m = ADDRESS.matcher(text);
		if (!m.matches() || Integer.parseInt(m.group(3)) < lowest
				|| Integer.parseInt(m.group(3)) > 65535) {
			throw new Broken("a broken address");
		}
		String host = m.group(1) != null ? "[" + m.group(1) + "]" : m.group(2);
		boolean number = host.matches("\\[.*|(.*\\.)?[0-9]+\\.?");
		if (number && !literal(host) || !number && !named) {
			throw new Broken("no address");
		}
		return new Address(host, Integer.parseInt(m.group(3)));
	}

	/** Four full numbers, or what is in brackets; nothing is looked up. */
	private static boolean literal(String host) {
		String byteText = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
		if (!host.startsWith("[")) {
			return host.matches("(" + byteText + "\\.){3}" + byteText);
		}
		try {
			return InetAddress.getByName(host) != null;
		} catch (UnknownHostException e) {
			return false;
		}
	}
}
