package io.dropserver.web.identity;

import com.webauthn4j.WebAuthnManager;
import com.webauthn4j.converter.AttestedCredentialDataConverter;
import com.webauthn4j.converter.util.ObjectConverter;
import com.webauthn4j.credential.CredentialRecordImpl;
import com.webauthn4j.data.AuthenticationData;
import com.webauthn4j.data.AuthenticationParameters;
import com.webauthn4j.data.AuthenticationRequest;
import com.webauthn4j.data.PublicKeyCredentialParameters;
import com.webauthn4j.data.PublicKeyCredentialType;
import com.webauthn4j.data.RegistrationData;
import com.webauthn4j.data.RegistrationParameters;
import com.webauthn4j.data.RegistrationRequest;
import com.webauthn4j.data.attestation.authenticator.AttestedCredentialData;
import com.webauthn4j.data.attestation.authenticator.AuthenticatorData;
import com.webauthn4j.data.attestation.statement.COSEAlgorithmIdentifier;
import com.webauthn4j.data.client.CollectedClientData;
import com.webauthn4j.data.client.Origin;
import com.webauthn4j.data.client.challenge.DefaultChallenge;
import com.webauthn4j.server.ServerProperty;
import com.webauthn4j.verifier.exception.MaliciousCounterValueException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a browser's answer is what an authenticator of somebody's signed here and now: WebAuthn,
 * sections 7.1 and 7.2, by webauthn4j. Where the authenticator comes from (its attestation) is not
 * asked. Thread-safe.
 */
final class PasskeyCheck {
  private static final Logger LOG = LoggerFactory.getLogger(PasskeyCheck.class);

  /** ES256, EdDSA and RS256: what authenticators have. */
  static final List<COSEAlgorithmIdentifier> ALGORITHMS =
      List.of(
          COSEAlgorithmIdentifier.ES256,
          COSEAlgorithmIdentifier.EdDSA,
          COSEAlgorithmIdentifier.RS256);

  private static final List<PublicKeyCredentialParameters> KEYS =
      ALGORITHMS.stream()
          .map(alg -> new PublicKeyCredentialParameters(PublicKeyCredentialType.PUBLIC_KEY, alg))
          .toList();

  private final Challenges challenges;

  PasskeyCheck(Challenges challenges) {
    this.challenges = challenges;
  }

  /** Loaded when the first passkey is: that takes a while, and a start is to be fast. */
  private static final class Library {
    static final ObjectConverter CONVERTER = new ObjectConverter();
    static final WebAuthnManager MANAGER =
        WebAuthnManager.createNonStrictWebAuthnManager(CONVERTER);
    static final AttestedCredentialDataConverter ATTESTED =
        new AttestedCredentialDataConverter(CONVERTER);
  }

  /**
   * A new passkey.
   *
   * @param id credential id, base64url
   * @param attested its public key and model: attested credential data, base64url
   */
  record Made(String id, String attested, long signCount, boolean backupEligible) {}

  /** What an assertion shows. */
  sealed interface Proof {}

  /** The passkey signed it. */
  record Signed(long signCount) implements Proof {}

  /** Its key signed it, but it counted backwards: there is a copy of it (WebAuthn, 6.1.1). */
  record Copied() implements Proof {}

  record Refused() implements Proof {}

  /**
   * A new passkey; empty when the answer is none to this ceremony.
   *
   * @param answer {@code attestation} and {@code client}, base64url
   */
  Optional<Made> made(Form answer, Ceremony ceremony) {
    try {
      RegistrationData data =
          Library.MANAGER.parse(
              new RegistrationRequest(
                  Secret.decoded(answer.get("attestation")), Secret.decoded(answer.get("client"))));
      byte[] challenge = challenge(data.getCollectedClientData(), ceremony);
      Library.MANAGER.verify(
          data, new RegistrationParameters(party(ceremony, challenge), KEYS, true, true));
      if (!challenges.use(challenge, ceremony.purpose())) {
        return Optional.empty();
      }
      AuthenticatorData<?> made =
          Objects.requireNonNull(data.getAttestationObject()).getAuthenticatorData();
      AttestedCredentialData attested = Objects.requireNonNull(made.getAttestedCredentialData());
      return Optional.of(
          new Made(
              Secret.encoded(attested.getCredentialId()),
              Secret.encoded(Library.ATTESTED.convert(attested)),
              made.getSignCount(),
              made.isFlagBE()));
    } catch (RuntimeException e) {
      refused(e);
      return Optional.empty();
    }
  }

  /**
   * Judges an assertion.
   *
   * @param answer {@code authenticator}, {@code client} and {@code signature}, base64url
   * @param passkey that it names
   */
  Proof proof(Form answer, Passkeys.Kept passkey, Ceremony ceremony) {
    try {
      AuthenticationData data =
          Library.MANAGER.parse(
              new AuthenticationRequest(
                  Secret.decoded(passkey.id()),
                  Secret.decoded(answer.get("authenticator")),
                  Secret.decoded(answer.get("client")),
                  Secret.decoded(answer.get("signature"))));
      byte[] challenge = challenge(data.getCollectedClientData(), ceremony);
      CredentialRecordImpl record =
          new CredentialRecordImpl(
              null,
              true,
              passkey.backupEligible(),
              null,
              passkey.signCount(),
              Library.ATTESTED.convert(Secret.decoded(passkey.attested())),
              null,
              null,
              null,
              null);
      Library.MANAGER.verify(
          data, new AuthenticationParameters(party(ceremony, challenge), record, null, true, true));
      long count = Objects.requireNonNull(data.getAuthenticatorData()).getSignCount();
      return challenges.use(challenge, passkey.id()) ? new Signed(count) : new Refused();
    } catch (MaliciousCounterValueException e) {
      return new Copied();
    } catch (RuntimeException e) {
      refused(e);
      return new Refused();
    }
  }

  /**
   * The challenge that was signed.
   *
   * @throws IllegalArgumentException when it was not given to this browser for this
   */
  private byte[] challenge(@Nullable CollectedClientData client, Ceremony ceremony) {
    byte[] challenge = Objects.requireNonNull(client).getChallenge().getValue();
    if (!challenges.knows(challenge, ceremony.purpose(), ceremony.browser())) {
      throw new IllegalArgumentException("not a challenge of this browser, or an old one");
    }
    return challenge;
  }

  /** No page may ask for the shell's passkeys from inside a frame: there is no top origin. */
  private static ServerProperty party(Ceremony ceremony, byte[] challenge) {
    return ServerProperty.builder()
        .origin(Origin.create(ceremony.shell().toString()))
        .rpId(ceremony.domain())
        .challenge(new DefaultChallenge(challenge))
        .build();
  }

  /** Without its message, which quotes what the client sent. */
  private static void refused(RuntimeException e) {
    LOG.debug("a passkey's answer is refused: {}", e.getClass().getSimpleName());
  }
}
