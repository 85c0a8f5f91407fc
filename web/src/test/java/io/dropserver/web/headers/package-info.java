@NullMarked
package io.dropserver.web.headers;

import org.jspecify.annotations.NullMarked;
