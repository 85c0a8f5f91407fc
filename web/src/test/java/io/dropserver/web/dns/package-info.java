@NullMarked
package io.dropserver.web.dns;

import org.jspecify.annotations.NullMarked;
