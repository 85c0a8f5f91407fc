package io.dropserver.web.identity;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.SettableClock;
import io.dropserver.testing.property.Generator;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.identity.PasskeyVerifier.InvalidAssertion;
import io.dropserver.web.identity.PasskeyVerifier.NewPasskey;
import io.dropserver.web.identity.PasskeyVerifier.ValidAssertion;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A response that was changed after signing is refused, and no exception is thrown. */
class PasskeyVerifierTest {
  private static final String ORIGIN = "https://home.example.org";
  private static final Ceremony CEREMONY =
      new Ceremony(Origin.of("https", "home.example.org", -1), "log in", "browser");

  private static final SettableClock CLOCK = new SettableClock();
  private static final Challenges CHALLENGES = new Challenges(CLOCK);
  private static final PasskeyVerifier CHECK = new PasskeyVerifier(CHALLENGES);
  private static final SoftAuthenticator KEY = new SoftAuthenticator(ORIGIN, "home.example.org");
  private static final NewPasskey MADE =
      CHECK.verifyRegistration(new Form(KEY.make(challenge())), CEREMONY).orElseThrow();

  private static String challenge() {
    // The number of used challenges per passkey and lifetime is limited.
    CLOCK.advance(Challenges.LIFETIME);
    byte[] challenge = CHALLENGES.issue(CEREMONY.purpose(), CEREMONY.browser());
    return "{\"challenge\":\"" + RandomSecret.encoded(challenge) + "\",\"user\":{\"id\":\"AAAA\"}}";
  }

  private static PasskeyStore.StoredPasskey kept() {
    return new PasskeyStore.StoredPasskey(
        MADE.id(), "alice", "home.example.org", MADE.attested(), 0, MADE.backupEligible(), false);
  }

  private static PasskeyVerifier.AssertionResult proof(Map<String, String> fields) {
    return CHECK.verifyAssertion(new Form(fields), kept(), CEREMONY);
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
          Map<String, String> fields = new HashMap<>(KEY.sign(challenge()));
          String name = List.of("authenticator", "client", "signature").get(field);
          byte[] bytes = RandomSecret.decoded(new Form(fields).get(name));
          bytes[place % bytes.length] ^= change.byteValue();
          Map<String, String> changed = new HashMap<>(fields);
          changed.put(name, RandomSecret.encoded(bytes));
          assertThat(proof(changed)).isInstanceOf(InvalidAssertion.class);
          assertThat(proof(fields)).isInstanceOf(ValidAssertion.class);
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
          Map<String, String> fields = new HashMap<>(KEY.make(challenge()));
          byte[] bytes = RandomSecret.decoded(new Form(fields).get("attestation"));
          int at = place % bytes.length;
          bytes[at] ^= change.byteValue();
          fields.put("attestation", RandomSecret.encoded(cut ? Arrays.copyOf(bytes, at) : bytes));
          // This part is not signed, so a changed response may describe another passkey. That
          // one must be harmless.
          CHECK
              .verifyRegistration(new Form(fields), CEREMONY)
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
                  "authenticator", RandomSecret.encoded(first),
                  "attestation", RandomSecret.encoded(first),
                  "client", RandomSecret.encoded(second),
                  "signature", RandomSecret.encoded(third));
          assertThat(proof(fields)).isInstanceOf(InvalidAssertion.class);
          assertThat(CHECK.verifyRegistration(new Form(fields), CEREMONY)).isEmpty();
        });
  }
}
