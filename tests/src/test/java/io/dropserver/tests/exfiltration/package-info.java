/** Pages that try to carry a secret out of the browser, and what becomes of it. */
@NullMarked
package io.dropserver.tests.exfiltration;

import org.jspecify.annotations.NullMarked;
