import { mount } from '../shared/mount.tsx';
import { ChatPage } from './chat_page.tsx';

mount(<ChatPage />);
