import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The SOCKS5 side of a client, with settings. */
final class Socks {
	private static final int MAX_BLOCK = 65536;
	private static final int PATIENCE = 15;
	private static final int LINGER_MS = 2000;

	private final Wire wire;
	private final int version;

	/** Say that and close. */
	private static final class Parting extends Exception {
		final byte[] last;

		Parting(int... last) {
			this.last = new byte[last.length];
			for (int i = 0; i < last.length; i++) {
				this.last[i] = (byte) last[i];
			}
		}
	}

	private Socks(Socket socket, int version) throws IOException {
		wire = new Wire(socket);
		this.version = version;
	}

	private static Parting failed(int code) {
		return new Parting(5, code, 0, 1, 0, 0, 0, 0, 0, 0);
	}

	/** From the greeting to the end. */
	static void serve(Socket socket, int version) throws IOException {
		Socks socks = new Socks(socket, version);
		Socket there;
		try {
			socks.settings();
			there = socks.request();
		} catch (Parting e) {
			socks.part(e.last);
			return;
		}
		try {
			socks.wire.write(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);
			Wire.join(socket, there);
		} finally {
			there.close();
		}
	}

	/** What is still sent is read, so that the last word arrives. */
	private void part(byte[] last) throws IOException {
		wire.write(last);
		wire.socket.shutdownOutput();
		wire.within(LINGER_MS / 1000);
		try {
			for (;;) {
				wire.one();
			}
		} catch (EOFException | SocketTimeoutException e) {
			// That was all.
		}
	}

	private void settings() throws IOException, Parting {
		if (wire.within(PATIENCE).one() != 5) {
			throw new IOException("no SOCKS5");
		}
		String offered = new String(wire.exactly(wire.one()),
			StandardCharsets.ISO_8859_1);
		if (version == 2 && offered.indexOf(9) >= 0) {
			wire.write(5, 9);
			block();
		} else if (version == 1 && offered.indexOf(2) >= 0) {
			wire.write(5, 2);
			password();
		} else if (offered.indexOf(0) >= 0) {
			wire.write(5, 0);
		} else {
			throw new Parting(5, 0xff);
		}
	}

	private void block() throws IOException, Parting {
		try {
			long size = wire.within(PATIENCE).four();
			if (size > MAX_BLOCK) {
				throw failed(0x10);
			}
			if (!Json.isObject(wire.exactly((int) size))) {
				throw failed(0x12);
			}
		} catch (SocketTimeoutException e) {
			throw failed(0x11);
		}
	}

	private void password() throws IOException, Parting {
		wire.within(PATIENCE).one();
		String user = text(), more = text();
		try {
			if (user.isEmpty() || more.isEmpty()) {
				throw new Config.Broken("empty");
			}
			String all = more.equals("\0") ? user : user + more;
			for (String item : Config.split(all, ';', Integer.MAX_VALUE)) {
				Config.pair(item);
			}
		} catch (Config.Broken e) {
			throw new Parting(1, 1);
		}
		wire.write(1, 0);
	}

	private String text() throws IOException {
		return new String(wire.exactly(wire.one()),
			StandardCharsets.ISO_8859_1);
	}

	private Socket request() throws IOException, Parting {
		byte[] head = wire.within(PATIENCE).exactly(4);
		if (head[0] != 5) {
			throw failed(1);
		}
		InetAddress address = null;
		String name = null;
		switch (head[3]) {
		case 1 -> address = InetAddress.getByAddress(wire.exactly(4));
		case 4 -> address = InetAddress.getByAddress(wire.exactly(16));
		case 3 -> name = text();
		default -> throw failed(8);
		}
		int port = wire.two();
		if (head[1] != 1) {
			throw failed(7);
		}
		if (port == 0) {
			throw failed(1);
		}
		if (name != null && !name.matches("[A-Za-z0-9._-]{1,253}")) {
			throw failed(4);
		}
		return connect(address, name, port);
	}

	private static Socket connect(InetAddress address, String name, int port)
			throws IOException, Parting {
		try {
			return Wire.dial(new InetSocketAddress(
				name == null ? address : InetAddress.getByName(name), port));
		} catch (UnknownHostException | NoRouteToHostException
				| SocketTimeoutException e) {
			throw failed(4);
		} catch (ConnectException e) {
			throw failed(String.valueOf(e.getMessage()).contains("refused")
				? 5 : 3);
		} catch (IOException e) {
			throw failed(1);
		}
	}
}
