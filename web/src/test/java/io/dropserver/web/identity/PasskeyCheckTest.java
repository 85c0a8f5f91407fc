package io.dropserver.web.identity;

import static io.dropserver.schema.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.property.Generator;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.identity.PasskeyCheck.Made;
import io.dropserver.web.identity.PasskeyCheck.Refused;
import io.dropserver.web.identity.PasskeyCheck.Signed;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** However an answer is changed after it was signed, it is refused, and nothing is thrown. */
class PasskeyCheckTest {
  private static final String ORIGIN = "https://home.example.org";
  private static final Ceremony CEREMONY =
      new Ceremony(Origin.of("https", "home.example.org", -1), "log in", "browser");

  private static final SettableClock CLOCK = new SettableClock();
  private static final Challenges CHALLENGES = new Challenges(CLOCK);
  private static final PasskeyCheck CHECK = new PasskeyCheck(CHALLENGES);
  private static final SoftAuthenticator KEY = new SoftAuthenticator(ORIGIN, "home.example.org");
  private static final Made MADE = CHECK.made(new Form(KEY.make(asked())), CEREMONY).orElseThrow();

  private static String asked() {
    CLOCK.pass(Challenges.LIFE); // of one passkey only so many may be used within that time
    byte[] challenge = CHALLENGES.issue(CEREMONY.purpose(), CEREMONY.browser());
    return "{\"challenge\":\"" + Secret.encoded(challenge) + "\",\"user\":{\"id\":\"AAAA\"}}";
  }

  private static Passkeys.Kept kept() {
    return new Passkeys.Kept(
        MADE.id(), "alice", "home.example.org", MADE.attested(), 0, MADE.backupEligible(), false);
  }

  private static PasskeyCheck.Proof proof(Map<String, String> fields) {
    return CHECK.proof(new Form(fields), kept(), CEREMONY);
  }

  @Test
  void aChangedSignatureIsRefused() {
    forAll(
        200,
        Generator.integers(0, 2),
        Generator.integers(0, 10_000),
        Generator.integers(1, 255),
        (field, place, change) -> {
          KEY.count++;
          Map<String, String> fields = new HashMap<>(KEY.sign(asked()));
          String name = List.of("authenticator", "client", "signature").get(field);
          byte[] bytes = Secret.decoded(new Form(fields).get(name));
          bytes[place % bytes.length] ^= change.byteValue();
          Map<String, String> changed = new HashMap<>(fields);
          changed.put(name, Secret.encoded(bytes));
          assertThat(proof(changed)).isInstanceOf(Refused.class);
          assertThat(proof(fields)).isInstanceOf(Signed.class);
        });
  }

  @Test
  void aChangedOrCutAttestationThrowsNothing() {
    forAll(
        200,
        Generator.integers(0, 10_000),
        Generator.integers(1, 255),
        Generator.of(true, false),
        (place, change, cut) -> {
          Map<String, String> fields = new HashMap<>(KEY.make(asked()));
          byte[] bytes = Secret.decoded(new Form(fields).get("attestation"));
          int at = place % bytes.length;
          bytes[at] ^= change.byteValue();
          fields.put("attestation", Secret.encoded(cut ? Arrays.copyOf(bytes, at) : bytes));
          // Nobody signed it, so that a changed one may be another passkey; it is none that breaks
          // things.
          CHECK
              .made(new Form(fields), CEREMONY)
              .ifPresent(other -> assertThat(other.id().length()).isLessThanOrEqualTo(1364));
        });
  }

  @Test
  void junkIsRefused() {
    forAll(
        200,
        Generator.bytes(300),
        Generator.bytes(300),
        Generator.bytes(300),
        (first, second, third) -> {
          Map<String, String> fields =
              Map.of(
                  "authenticator", Secret.encoded(first),
                  "attestation", Secret.encoded(first),
                  "client", Secret.encoded(second),
                  "signature", Secret.encoded(third));
          assertThat(proof(fields)).isInstanceOf(Refused.class);
          assertThat(CHECK.made(new Form(fields), CEREMONY)).isEmpty();
        });
  }
}
