package io.dropserver.web.identity;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides about passwords, slowly where many are wrong. Whoever asks learns nothing about which
 * users there are: each answer, its time and each wait are the same for names that nobody has.
 * Thread-safe.
 */
final class LogIn {
  private static final int LONGEST_NAME = 63;

  private final Passwords passwords;
  private final Brake accounts;
  private final Brake addresses;

  LogIn(Passwords passwords, InstantSource clock) {
    this.passwords = passwords;
    this.accounts = new Brake(clock, 5, Duration.ofMinutes(1));
    this.addresses = new Brake(clock, 20, Duration.ofMinutes(15));
  }

  sealed interface Result {}

  record Welcome(Person person) implements Result {}

  record Wrong() implements Result {}

  record Wait(Duration howLong) implements Result {}

  Result password(
      String name, String password, InetAddress client, Function<String, Optional<Person>> people) {
    if (name.length() > LONGEST_NAME) {
      return new Wrong();
    }
    String address = address(client);
    Optional<Duration> wait = addresses.attempt(address).or(() -> accounts.attempt(name));
    if (wait.isPresent()) {
      return new Wait(wait.get());
    }
    boolean right = passwords.matches(name, password);
    Optional<Person> person = people.apply(name);
    if (!right || person.isEmpty()) {
      return new Wrong();
    }
    accounts.succeeded(name);
    addresses.forgive(address);
    return new Welcome(person.get());
  }

  /** Of IPv6 the network: whoever has one address there has them all. */
  private static String address(InetAddress client) {
    byte[] bytes = client.getAddress();
    return HexFormat.of()
        .formatHex(client instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
  }
}
