import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import sun.misc.Signal;

/**
 * A transport in plain Java that changes nothing: a thread for each
 * connection, blocking streams.  Legal: who finds something in it is wrong.
 */
public final class Jident {
	private static final String NAME = "jident";
	private static final int BACKLOG = 128;
	private static final FileOutputStream OUT =
		new FileOutputStream(FileDescriptor.out);
	private static final FileOutputStream ERR =
		new FileOutputStream(FileDescriptor.err);
	private static volatile int spoken;

	private Jident() {
	}

	/** Serves a connection. */
	private interface Handler {
		void handle(Socket socket) throws IOException;
	}

	private static void print(FileOutputStream where, String line) {
		try {
			where.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
		} catch (IOException e) {
			// Nobody reads.
		}
	}

	private static void say(String line) {
		print(OUT, line);
	}

	private static void complain(String line) {
		print(spoken == 1 ? OUT : ERR, line);
	}

	private static void exit(int status) {
		Runtime.getRuntime().halt(status);
	}

	private static void daemon(Runnable what) {
		Thread thread = new Thread(what);
		thread.setDaemon(true);
		thread.start();
	}

	private static void pause(int ms) {
		try {
			Thread.sleep(ms);
		} catch (InterruptedException e) {
			// Nobody interrupts.
		}
	}

	private static void serve(ServerSocket listener, Handler handler) {
		for (;;) {
			Socket socket;
			try {
				socket = listener.accept();
			} catch (IOException e) {
				pause(200);
				continue;
			}
			daemon(() -> {
				try (socket) {
					handler.handle(socket);
				} catch (IOException e) {
					// It is closed.
				}
			});
		}
	}

	private static void offer(String word, String middle,
			InetSocketAddress at, Handler handler) {
		try {
			ServerSocket listener = new ServerSocket();
			listener.bind(at, BACKLOG);
			daemon(() -> serve(listener, handler));
			say(word + " " + NAME + " " + middle + Wire.shown(
				at.getAddress(), listener.getLocalPort()));
		} catch (IOException e) {
			complain(word + "-ERROR " + NAME + " " + e.getMessage());
		}
	}

	private static void start(Config config) throws IOException {
		boolean ours = config.transports.contains(NAME);
		InetSocketAddress at =
			new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
		if (config.client) {
			if (ours) {
				offer("CMETHOD", "socks5 ", at,
					socket -> Socks.serve(socket, spoken));
			}
			say("CMETHODS DONE");
			return;
		}
		if (config.extorport != null && !config.extorport.socket()
				.getAddress().isLoopbackAddress()) {
			String text = "the extended port is on another host";
			if (spoken == 1) {
				say("LOG SEVERITY=warning MESSAGE=\"" + text + "\"");
			} else {
				print(ERR, text);
			}
		}
		if (ours) {
			if (config.bind.containsKey(NAME)) {
				at = config.bind.get(NAME).socket();
			}
			offer("SMETHOD", "", at, socket -> {
				try (Socket there = ExtPort.destination(config, socket, NAME)) {
					Wire.join(socket, there);
				}
			});
		}
		say("SMETHODS DONE");
	}

	private static void readToEnd() {
		try (FileInputStream in = new FileInputStream(FileDescriptor.in)) {
			in.transferTo(FileOutputStream.nullOutputStream());
		} catch (IOException e) {
			// That is an end, too.
		}
		exit(0);
	}

	/** Where descriptors are short nobody can say who it is. */
	private static void watchParent(ProcessHandle parent) {
		while (ProcessHandle.current().parent().orElse(parent)
				.equals(parent)) {
			pause(1000);
		}
		exit(0);
	}

	/** SIGTERM and SIGINT end it, whatever it is doing; others do not. */
	private static void listenToSignals() {
		for (String name : "TERM INT HUP PIPE USR1 USR2".split(" ")) {
			try {
				Signal.handle(new Signal(name), signal -> {
					if (name.equals("TERM") || name.equals("INT")) {
						exit(0);
					}
				});
			} catch (IllegalArgumentException e) {
				// The virtual machine has its own use for it.
			}
		}
	}

	public static void main(String[] argv)
			throws IOException, InterruptedException {
		ProcessHandle parent = ProcessHandle.current().parent().orElse(null);
		listenToSignals();
		try {
			Config config = new Config(argv);
			spoken = config.version();
			say("VERSION " + spoken);
			config.read();
			if (parent != null) {
				daemon(() -> watchParent(parent));
			}
			if (config.stdinClose) {
				daemon(Jident::readToEnd);
			}
			start(config);
			Thread.currentThread().join();
		} catch (Config.Fatal e) {
			complain(e.getMessage());
			exit(e.status);
		}
	}
}
