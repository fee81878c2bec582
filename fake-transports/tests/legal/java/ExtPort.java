import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Where a server's connections go; by the Extended ORPort if there is one. */
final class ExtPort {
	private static final int SIZE = 32;
	private static final byte[] HEADER = "! Extended ORPort Auth Cookie !\n"
		.getBytes(StandardCharsets.US_ASCII);
	private static final SecureRandom RANDOM = new SecureRandom();

	private ExtPort() {
	}

	/** A socket that takes what a client sends. */
	static Socket destination(Config config, Socket client, String name)
			throws IOException {
		if (config.extorport == null) {
			return Wire.dial(config.orport.socket());
		}
		Socket socket = Wire.dial(config.extorport.socket());
		try {
			Wire wire = new Wire(socket).within(20);
			authenticate(wire, Path.of(config.cookie));
			InetSocketAddress from =
				(InetSocketAddress) client.getRemoteSocketAddress();
			introduce(wire, Wire.shown(from.getAddress(), from.getPort()),
				name);
			return socket;
		} catch (IOException | RuntimeException e) {
			socket.close();
			throw e;
		}
	}

	private static byte[] cookie(Path path) throws IOException {
		byte[] all = Files.readAllBytes(path);
		if (all.length != HEADER.length + SIZE
				|| !Arrays.equals(HEADER, Arrays.copyOf(all, HEADER.length))) {
			throw new IOException("no cookie");
		}
		return Arrays.copyOfRange(all, HEADER.length, all.length);
	}

	private static byte[] hash(byte[] secret, String way, byte[] mine,
			byte[] theirs) throws IOException {
		try {
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(secret, "HmacSHA256"));
			mac.update(("ExtORPort authentication " + way + " hash")
				.getBytes(StandardCharsets.US_ASCII));
			mac.update(mine);
			return mac.doFinal(theirs);
		} catch (GeneralSecurityException e) {
			throw new IOException(e);
		}
	}

	private static void authenticate(Wire wire, Path path)
			throws IOException {
		boolean known = false;
		for (int type; (type = wire.one()) != 0;) {
			known |= type == 1;
		}
		if (!known) {
			wire.write(0);
			throw new IOException("no known type");
		}
		byte[] secret = cookie(path);
		byte[] mine = new byte[SIZE];
		RANDOM.nextBytes(mine);
		wire.write(ByteBuffer.allocate(1 + SIZE).put((byte) 1).put(mine)
			.array());
		byte[] proof = wire.exactly(SIZE);
		byte[] theirs = wire.exactly(SIZE);
		if (!MessageDigest.isEqual(proof,
				hash(secret, "server-to-client", mine, theirs))) {
			throw new IOException("another server");
		}
		wire.write(hash(secret, "client-to-server", mine, theirs));
		if (wire.one() != 1) {
			throw new IOException("refused");
		}
	}

	private static void introduce(Wire wire, String from, String name)
			throws IOException {
		ByteBuffer all = ByteBuffer.allocate(12 + from.length()
			+ name.length());
		for (String text : new String[] {from, name, ""}) {
			all.putShort((short) (text == from ? 1 : text == name ? 2 : 0));
			all.putShort((short) text.length());
			all.put(text.getBytes(StandardCharsets.US_ASCII));
		}
		wire.write(all.array());
		for (;;) {
			int code = wire.two();
			wire.exactly(wire.two());
			if (code == 0x1000) {
				return;
			}
			if (code == 0x1001) {
				throw new IOException("denied");
			}
		}
	}
}
