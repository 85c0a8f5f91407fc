@NullMarked
package io.dropserver.web.tls;

import org.jspecify.annotations.NullMarked;
