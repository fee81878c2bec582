import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** A number of bytes from a socket before a deadline; joining two sockets. */
final class Wire {
	static final int CONNECT_MS = 20_000;
	final Socket socket;
	private final InputStream in;
	private final OutputStream out;
	private long until;

	Wire(Socket socket) throws IOException {
		this.socket = socket;
		socket.setTcpNoDelay(true);
		in = socket.getInputStream();
		out = socket.getOutputStream();
	}

	Wire within(int seconds) {
		until = System.nanoTime() + seconds * 1_000_000_000L;
		return this;
	}

	byte[] exactly(int n) throws IOException {
		byte[] found = new byte[n];
		for (int have = 0; have < n;) {
			long left = (until - System.nanoTime()) / 1_000_000;
			if (left <= 0) {
				throw new SocketTimeoutException();
			}
			socket.setSoTimeout((int) left);
			int got = in.read(found, have, n - have);
			if (got < 0) {
				throw new EOFException();
			}
			have += got;
		}
		return found;
	}

	int one() throws IOException {
		return exactly(1)[0] & 0xff;
	}

	int two() throws IOException {
		return ByteBuffer.wrap(exactly(2)).getShort() & 0xffff;
	}

	long four() throws IOException {
		return ByteBuffer.wrap(exactly(4)).getInt() & 0xffffffffL;
	}

	void write(int... bytes) throws IOException {
		byte[] all = new byte[bytes.length];
		for (int i = 0; i < all.length; i++) {
			all[i] = (byte) bytes[i];
		}
		out.write(all);
	}

	void write(byte[] bytes) throws IOException {
		out.write(bytes);
	}

	static Socket dial(InetSocketAddress to) throws IOException {
		Socket socket = new Socket();
		try {
			socket.connect(to, CONNECT_MS);
			return socket;
		} catch (IOException | RuntimeException e) {
			socket.close();
			throw e;
		}
	}

	/** Until both directions have ended. */
	static void join(Socket a, Socket b) throws IOException {
		a.setSoTimeout(0);
		b.setSoTimeout(0);
		Thread back = new Thread(() -> copy(b, a));
		back.start();
		copy(a, b);
		try {
			back.join();
		} catch (InterruptedException e) {
			// Nobody interrupts.
		}
		a.close();
		b.close();
	}

	private static void copy(Socket from, Socket to) {
		try {
			from.getInputStream().transferTo(to.getOutputStream());
			to.shutdownOutput();
		} catch (IOException e) {
			abort(from);
			abort(to);
		}
	}

	private static void abort(Socket socket) {
		try {
			socket.setSoLinger(true, 0);
			socket.close();
		} catch (IOException e) {
			// It is closed.
		}
	}

	/** Without a zone; all six groups of IPv6 are written out. */
	static String shown(InetAddress host, int port) {
		String plain = host.getHostAddress().replaceFirst("%.*", "");
		return host instanceof Inet6Address
			? "[" + plain + "]:" + port : plain + ":" + port;
	}
}
