package io.dropserver.web.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class MessageEncryptionTest {
  private static final byte[] TEXT =
      "When I grow up, I want to be a watermelon".getBytes(StandardCharsets.UTF_8);

  /** The values of RFC 8291, section 5 and appendix A. */
  @Test
  void theExampleOfTheStandardIsReproduced() throws GeneralSecurityException {
    KeyPair own =
        new KeyPair(
            P256.publicKey(
                decoded(
                    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8")),
            P256.privateKey(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")));
    byte[] body =
        MessageEncryption.encrypt(
            TEXT,
            P256.publicKey(
                decoded(
                    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")),
            decoded("BTBZMqHH6r4Tts7J_aSIgg"),
            own,
            decoded("DGv6ra1nlYgDCS1FRnbzlw"));
    assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(body))
        .isEqualTo(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");
  }

  @Test
  void aBrowserDecryptsMessagesOfEachLengthThatPushServicesAccept() throws Exception {
    ReceivingBrowser browser = new ReceivingBrowser();
    for (int length : new int[] {0, 1, 15, 16, 17, 4_000 - 7}) {
      byte[] message = new byte[length];
      Arrays.fill(message, (byte) 'x');
      assertThat(browser.decrypt(encrypt(browser, message))).hasSize(length);
    }
    assertThatThrownBy(() -> encrypt(browser, new byte[3_994]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] encrypt(ReceivingBrowser browser, byte[] message)
      throws GeneralSecurityException {
    return MessageEncryption.encrypt(
        message,
        P256.publicKey(decoded(browser.publicKey())),
        decoded(browser.auth()),
        P256.generate(),
        new byte[MessageEncryption.SALT]);
  }

  /** With a point of another curve, answers would reveal a private key bit by bit. */
  @Test
  void aPointOutsideTheCurveIsRefused() throws GeneralSecurityException {
    byte[] point = decoded(new ReceivingBrowser().publicKey());
    byte[] moved = point.clone();
    moved[64] ^= 1;
    byte[] zero = new byte[65];
    zero[0] = 4;
    byte[] beyondTheField = new byte[65];
    beyondTheField[0] = 4;
    Arrays.fill(beyondTheField, 1, 65, (byte) 0xff);
    byte[] compressed = Arrays.copyOf(point, 33);
    compressed[0] = 2;
    assertThat(P256.point(P256.publicKey(point))).isEqualTo(point);
    for (byte[] bad :
        new byte[][] {moved, zero, beyondTheField, compressed, new byte[0], new byte[] {0}}) {
      assertThatThrownBy(() -> P256.publicKey(bad))
          .as(HexFormat.of().formatHex(bad))
          .isInstanceOf(InvalidKeyException.class);
    }
    for (String bad :
        new String[] {"0000", "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"}) {
      assertThatThrownBy(() -> P256.privateKey(HexFormat.of().parseHex(bad)))
          .isInstanceOf(InvalidKeyException.class);
    }
  }

  private static byte[] decoded(String text) {
    return Base64.getUrlDecoder().decode(text);
  }
}
